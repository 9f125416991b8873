"""The scripts between two schemas, both ways: Prisma's engine writes them, the planner makes them safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from schemas.answers import Answers
from schemas.model import Schema

from .planner.context import Context
from .planner.drafting import draft
from .planner.join_tables import join_tables
from .planner.losses import Loss, find_losses, loss_questions
from .planner.new_names import new_names
from .planner.pairing import Pairing, names_in, pair
from .planner.questions import Question, UnansweredError
from .planner.refusing import mark_refusals
from .planner.renamed_schema import with_new_names
from .planner.renames import rename_statements
from .planner.renames_asked import rename_questions
from .planner.script import Statement, write_script

_UP = (
    "-- From the schema of the version before to this one's. Edit it freely: the rehearsal holds it to\n"
    "-- schema.prisma. BEGIN and COMMIT are the runner's: a script needs none.\n"
)
_EMPTY = Schema(text="", models=(), enums=())
Direction = Literal["up", "down"]


class DiffEngine(Protocol):
    """What rehearsing needs of the Prisma bridge (``schemas.prisma.bridge.PrismaBridge``)."""

    def diff(self, before: str | None, after: str | None) -> str:
        """The SQL from one schema's text to another's; None is an empty database."""
        ...


class PlanEngine(DiffEngine, Protocol):
    """What planning needs of it."""

    def parse(self, text: str) -> Schema:
        """The schema as a value."""
        ...


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """Two scripts. ``is_empty``: the database already is what the second schema asks for."""

    up: str
    down: str
    is_empty: bool


def plan(
    before: Schema | None,
    after: Schema,
    bridge: PlanEngine,
    answers: Answers | None = None,
    *,
    has_rows: bool = True,
) -> MigrationPlan:
    """The scripts from ``before`` (None: an empty database) to ``after`` and back.

    ``has_rows`` is False where nobody can have lost anything: before the first version is published.

    Raises UnansweredError with every question whose answer is not among ``answers``, and what the bridge
    raises: BridgeError, InvalidSchemaError.
    """
    answers = answers or Answers()
    if before is None:
        return _first_plan(after, bridge)
    pairing = pair(before, after, answers.renames)
    questions = rename_questions(pairing, answers)
    up = _one_way(pairing, bridge, answers, "up", questions)
    up = mark_refusals(up, before, after, bridge, answers)
    losses = find_losses([("", write_script(up))], before, bridge, after)
    questions = _all_open(questions, loss_questions(losses, answers) if has_rows else (), before)
    if questions:
        raise UnansweredError(questions)
    down = _one_way(pairing.reversed(), bridge, _answers_down(answers, before, after), "down", [])
    taken = find_losses([("", write_script(down))], after, bridge, before)
    return MigrationPlan(
        f"{_UP}\n{write_script(up)}", f"{_down_heading(losses, taken)}\n{write_script(down)}", is_empty=not up
    )


def _all_open(
    questions: Sequence[Question], about_losses: Sequence[Question], before: Schema
) -> list[Question]:
    """Each question once, and none that the answer to another may answer too."""
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
        draft(
            bridge.diff(source.text or None, target.text or None),
            Context(before=source, after=target, answers=Answers(), direction=direction),
        )
        for source, target, direction in ways
    )
    return MigrationPlan(
        f"{_UP}\n{write_script(up)}", f"{_down_heading((), ())}\n{write_script(down)}", is_empty=not up
    )


def _one_way(
    pairing: Pairing, bridge: PlanEngine, answers: Answers, direction: Direction, questions: list[Question]
) -> list[Statement]:
    """From the pairing's ``before`` to its ``after``: first the new names, then the engine's differences."""
    before, after = pairing.before, pairing.after
    names = new_names(pairing)
    renamed_text = with_new_names(before.text, pairing, names)
    renames: list[Statement] = []
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
        authors_names={new: old for old, new in names.tops.items() if old in before.enums_by_name},
        questions=questions,
    )
    return draft(bridge.diff(renamed_text, after.text), context, renames)


def _answers_down(answers: Answers, before: Schema, after: Schema) -> Answers:
    """On the way down only what one of the schemas lacks is filled: other answers are about the way up."""
    both = names_in(before) & names_in(after)
    return Answers(backfills=tuple((key, value) for key, value in answers.backfills if key not in both))


def _down_heading(losses: Sequence[Loss], taken: Sequence[Loss]) -> str:
    """What nobody should find out afterwards."""
    lines = ["-- The way back. BEGIN and COMMIT are the runner's."]
    gone = [loss.subject for loss in losses if not loss.is_demand]
    if gone:
        lines += ["--", "-- It can't restore what the way up took away, only its shape:", *_listed(gone)]
    if any(not loss.is_demand for loss in taken):
        facts = [f"{loss.subject} {loss.text}" for loss in taken if not loss.is_demand]
        lines += ["--", "-- It takes away what came after the way up:", *_listed(facts)]
    if any(loss.is_demand for loss in taken):
        facts = [f"{loss.subject} {loss.text}" for loss in taken if loss.is_demand]
        lines += ["--", "-- It fails while rows contradict it:", *_listed(facts)]
    return "\n".join([*lines, ""])


def _listed(facts: Sequence[str]) -> list[str]:
    return [f"--   {' '.join(fact.split())}" for fact in facts]
