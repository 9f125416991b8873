"""A migration that stopped between two of its steps: what undoes the steps that are done."""

from __future__ import annotations

from ..errors import RefusedError
from ..fit_checks import Check
from ..identifiers import quoted
from ..manifest import Direction, Migration, Step, StepStatement, opposite
from .action import Action
from .state import State, StepRecord, done_steps

# Statements outside transactions that change nothing which would have to be undone.
_HARMLESS = ("VACUUM", "REINDEX", "ANALYZE", "CLUSTER")


def undoing(migration: Migration, script: Direction, state: State) -> Action | None:
    """What undoes the steps of ``script`` that are done; None where this package doesn't know that."""
    found = _found(migration, script, state)
    if found is None:
        return None
    steps, checks, left = found
    journal = state.undo_steps.get((migration.id, script), {})
    first = done_steps(journal)
    if any(number >= len(steps) or steps[number].checksum != journal[number].checksum for number in journal):
        return None  # another package began it
    return Action(
        migration=migration,
        direction=opposite(script),
        steps=steps,
        first_step=first,
        left=journal.get(first) or (None if first else left),
        resumes=bool(journal),
        undoes=script,
        undo_checks=checks,
    )


def without_undo(migration: Migration, script: Direction, state: State) -> RefusedError:
    """What to say where nothing is known to undo the steps that are done."""
    done, steps = state.done_steps(migration.id, script), len(migration.steps(script))
    what = f"{migration.id} is half applied ({done} of the {steps} steps of its {script}.sql are done)"
    if state.is_being_undone(migration.id, script):
        record = state.records.get(migration.id)
        package = f"{record.package_version} of the package" if record else "the package"
        return RefusedError(
            "half-undone",
            f"{what}, and another package than this one has begun to undo them",
            f"install {package}, which began, and run the same command with it",
        )
    return RefusedError("half-applied", f"{what}, and this package does not know what undoes them", WAY_ON)


#: The way out where no undo is known.
WAY_ON = (
    "run upgrade until it succeeds (if need be with a package in which the rest of the script is corrected), "
    "or bring the database to a version by other means and record that with: resolve --to VERSION"
)


def _found(
    migration: Migration, script: Direction, state: State
) -> tuple[tuple[Step, ...], tuple[Check, ...], StepRecord | None] | None:
    """The steps of the undo, its checks, and what is recorded of a step outside transactions that it begins
    with: it may have been done by the script that was interrupted."""
    steps, done = migration.steps(script), state.done_steps(migration.id, script)
    left = state.step(migration.id, script, done)
    before: tuple[Step, ...] = ()
    is_finished = True
    if left is not None:
        step = steps[done] if done < len(steps) else None
        if step is None or step.checksum != left.checksum:
            return None
        if step.index is not None:
            # It may be there or not, and valid or not. Dropped, it is as before it was built, or after.
            before = (_dropped(step.index),)
            done += step.kind == "drop_index"
        elif step.kind == "backfill":
            done, is_finished = done + 1, False
        elif step.statements[0].sql.upper().startswith(_HARMLESS):
            before = (step,)
        else:
            return None
    undo = migration.undo(script, done, is_finished=is_finished)
    return None if undo is None else ((*before, *undo.steps), undo.checks, left if before else None)


def _dropped(index: tuple[str | None, str]) -> Step:
    name = quoted(*index)
    return Step(
        kind="drop_index",
        statements=(StepStatement(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", 1, 1),),
        settings=(),
        index=index,
        batch=None,
        finish=None,
        checksum=f"drop {name}",
    )
