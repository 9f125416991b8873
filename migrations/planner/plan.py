"""Plans up.sql and down.sql between two schemas: Prisma's engine writes them, the planner makes them safe."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from schemas.answers import Answers
from schemas.model import FunctionDefault, Schema

from ..ddl.names import Name
from ..scripts.partitioned import partitioned_names
from ..scripts.sequence_names import sequence_names
from .context import Context, table_name
from .down_heading import FROM_NOTHING, heading
from .enum_values_down import enum_values_down
from .history.kept_objects import keep_objects, restored_objects
from .history.made_objects import MadeObjects
from .join_tables import join_models, join_tables
from .losses.draft_state import Draft, Unpublished
from .losses.guard_casts import guard_casts
from .losses.loss_warnings import LossWarning, find_losses, loss_questions
from .losses.mark_may_refuse import mark_may_refuse
from .ordering.known_objects import KnownObjects
from .questions import Question, UnansweredError
from .renames.new_names import new_names
from .renames.pairing import Pairing, names_in, pair
from .renames.rename_questions import rename_questions
from .renames.renamed_schema import with_new_names
from .renames.renames import rename_statements
from .rewrite_pipeline import rewritten
from .rewrites.unseen_changes import unseen_changes
from .script import DraftStatement, read_script, write_script

_UP = (
    "-- From {origin} to this version's schema. Edit it freely: the rehearsal compares the result\n"
    "-- with schema.prisma. The runner adds BEGIN and COMMIT: a script needs none.\n"
)
_NOTHING, _VERSION_BEFORE = "an empty database", "the version before"
_EMPTY = Schema(text="", models=(), enums=())
Direction = Literal["up", "down"]


class DiffEngine(Protocol):
    """The part of the Prisma bridge (``schemas.prisma.bridge.PrismaBridge``) that rehearsing needs."""

    def diff(self, before: str | None, after: str | None) -> str:
        """The SQL from one schema's text to another's; None is an empty database."""
        ...


class PlanEngine(DiffEngine, Protocol):
    """The part that planning needs."""

    def parse(self, text: str) -> Schema:
        """The schema as a value."""
        ...


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """Two scripts. ``is_empty``: the database already matches the second schema."""

    up: str
    down: str
    is_empty: bool


def plan(
    before: Schema | None,
    after: Schema,
    bridge: PlanEngine,
    answers: Answers | None = None,
    *,
    draft: Draft | None = None,
    origin: str = _VERSION_BEFORE,
    history: Sequence[str] = (),
) -> MigrationPlan:
    """The scripts from ``before`` (None: an empty database) to ``after`` and back.

    ``draft`` is what led to ``before``, if that is not a published version: nobody can lose what only the
    draft has. ``origin`` is the name of ``before`` in the scripts' headings. ``history`` are the up.sql of
    all migrations so far, in order: what they made by hand is kept, and which tables are partitioned.

    Raises UnansweredError with every question that ``answers`` doesn't answer, the bridge's BridgeError and
    InvalidSchemaError, and MigrationSyntaxError.
    """
    answers = answers or Answers()
    if before is None:
        return _first_plan(after, bridge)
    new = draft.unpublished(before, bridge) if draft else Unpublished()
    pairing = pair(before, after, answers.renames)
    questions = [each for each in rename_questions(pairing, answers) if each.subject not in new.subjects]
    partitioned = partitioned_names(history)
    sequences = sequence_names(history) if _counting(before) != _counting(after) else frozenset()
    up, _ = _one_way(
        pairing,
        bridge,
        answers,
        "up",
        questions=questions,
        unpublished=new.tables,
        partitioned=partitioned,
        sequences=sequences,
    )
    up = mark_may_refuse(guard_casts(up, before, after, bridge, answers), before, after, bridge, answers)
    losses = find_losses([("", write_script(up))], before, bridge, after)
    questions = _all_open(
        questions, loss_questions(_published(losses, up, draft, bridge, after), answers), before
    )
    if questions:
        raise UnansweredError(questions)
    made, enum_columns = MadeObjects.of(history), _enum_columns(before, after)
    there = made.copied()
    up = keep_objects(up, there, enum_columns)
    answers_down = _answers_down(answers, pairing)
    if partitioned:
        partitioned |= partitioned_names([*history, write_script(up)])
    down, new_values = _one_way(
        pairing.reversed(),
        bridge,
        answers_down,
        "down",
        questions=[],
        partitioned=partitioned,
        sequences=sequences,
    )
    down = mark_may_refuse(down, after, before, bridge, answers_down)
    taken = find_losses([("", write_script(down))], after, bridge, before)
    down = keep_objects(down, there, enum_columns)
    down += restored_objects(down, made, there)
    return MigrationPlan(
        f"{_UP.format(origin=origin)}\n{write_script(up)}",
        f"{heading(origin, losses, taken, new_values, (answers, answers_down))}\n{write_script(down)}",
        is_empty=not up,
    )


def _counting(schema: Schema) -> set[tuple[Name, str]]:
    """The columns with autoincrement."""
    return {
        (table_name(model), field.column)
        for model in schema.models
        for field in model.fields
        if isinstance(field.default, FunctionDefault) and field.default.name == "autoincrement"
    }


def _enum_columns(*schemas: Schema) -> set[tuple[Name, str]]:
    return {
        (table_name(model), field.column)
        for schema in schemas
        for model in schema.models
        for field in model.fields
        if field.kind == "enum"
    }


def _published(
    losses: Sequence[LossWarning],
    up: Sequence[DraftStatement],
    draft: Draft | None,
    bridge: PlanEngine,
    after: Schema,
) -> Sequence[LossWarning]:
    """The ``losses`` of what a published version has."""
    if draft is None:
        return losses
    if draft.base is None:
        return []
    return [
        loss
        for loss in find_losses([*draft.scripts, ("", write_script(up))], draft.base, bridge, after)
        if not loss.file
    ]


def _all_open(
    questions: Sequence[Question], about_losses: Sequence[Question], before: Schema
) -> list[Question]:
    """Each question once, without those that the answer to another question may settle."""
    asked = {(question.subject, question.is_about_values) for question in questions}
    both = [*questions, *(q for q in about_losses if (q.subject, q.is_about_values) not in asked)]
    perhaps_kept = {candidate for question in both for candidate in question.candidates}
    perhaps_renamed = {question.subject for question in both if question.candidates}
    joins = {
        table.name[1]
        for table in join_tables(before)
        if any(model in perhaps_renamed for model, _field in table.sides)
    }
    return [
        question
        for question in dict.fromkeys(both)
        if not (question.is_about_values and question.subject in perhaps_kept)
        and question.subject not in joins
    ]


def _first_plan(after: Schema, bridge: PlanEngine) -> MigrationPlan:
    ways: list[tuple[Schema, Schema, Direction]] = [(_EMPTY, after, "up"), (after, _EMPTY, "down")]
    up, down = (
        rewritten(
            bridge.diff(source.text or None, target.text or None),
            Context(before=source, after=target, answers=Answers(), direction=direction),
        )
        for source, target, direction in ways
    )
    return MigrationPlan(
        f"{_UP.format(origin=_NOTHING)}\n{write_script(up)}",
        f"{FROM_NOTHING}\n{write_script(down)}",
        is_empty=not up,
    )


def _one_way(
    pairing: Pairing,
    bridge: PlanEngine,
    answers: Answers,
    direction: Direction,
    *,
    questions: list[Question],
    unpublished: Collection[Name] = (),
    partitioned: Collection[Name] = (),
    sequences: Collection[Name] = (),
) -> tuple[list[DraftStatement], dict[str, str]]:
    """From the pairing's ``before`` to its ``after``: first the renames, then the engine's differences.

    Also returns the SQL of what existing rows get in new columns.
    """
    before, after = pairing.before, pairing.after
    names = new_names(pairing)
    renamed_text = with_new_names(before.text, pairing, names)
    moved = {table_name(before.models_by_name[old]): new for old, new in names.tables.items()}
    renames: list[DraftStatement] = []
    renamed = before
    if renamed_text != before.text:
        renamed = replace(bridge.parse(renamed_text), database_schemas=before.database_schemas)
        made = bridge.diff(None, before.text), bridge.diff(None, renamed_text)
        renames = rename_statements(pairing, names, *made)
    context = Context(
        before=renamed,
        after=after,
        answers=answers,
        direction=direction,
        join_models=(join_models(renamed), join_models(after)),
        authors_names={new: old for old, new in names.tops.items() if old in before.enums_by_name},
        unpublished={moved.get(name, name) for name in unpublished},
        partitioned={*partitioned, *(moved[name] for name in partitioned if name in moved)},
        sequences=sequences,
        questions=questions,
    )
    known = KnownObjects()
    made_before, made_after = (read_script(bridge.diff(None, text)) for text in (renamed_text, after.text))
    known.read(made_before)
    unseen = tuple(unseen_changes(context, made_after))
    engine_sql = bridge.diff(renamed_text, after.text)
    statements = rewritten(engine_sql, context, renames, known, unseen, made=(made_before, made_after))
    return statements, context.new_values


def _answers_down(answers: Answers, pairing: Pairing) -> Answers:
    """The answers for the downgrade: only those about what one of the schemas doesn't have apply to it."""
    both = names_in(pairing.before) & names_in(pairing.after)
    fields = {key: value for key, value in answers.backfills if key not in both}
    return Answers(backfills=tuple((fields | enum_values_down(pairing, answers)).items()))
