"""Checks the calls in ``partial_types.py`` against a schema, and makes partial types from them."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..errors import Problem
from ..model import Model, PartialField, PartialType, Schema
from .reading import PartialCall, read_calls
from .values import Word, Words

#: The file next to a version's schema.prisma.
FILE_NAME = "partial_types.py"


@dataclass(frozen=True, slots=True)
class PartialTypes:
    """``types`` are those that the file declares, in its order, as far as they can be read; all of them are
    valid if there are no ``problems``."""

    types: tuple[PartialType, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_partial_types(text: str, schema: Schema | None, file: str) -> PartialTypes:
    """The partial types that ``text``, a version's partial_types.py, declares for ``schema``.

    The text is parsed and never run. Without a schema (it may be invalid) only what can't be read is
    reported. ``file`` is its name in problems.
    """
    calls, problems = read_calls(text, file)
    if schema is None:
        return PartialTypes((), problems)
    checker = _Checker(schema, calls, file)
    types = tuple(partial for call in calls if (partial := checker.partial_type(call)) is not None)
    checker.find_endless(types)
    found = dict.fromkeys([*problems, *checker.problems])
    return PartialTypes(types, tuple(sorted(found, key=lambda each: (each.line or 0, each.column or 0))))


def with_partial_types(schema: Schema, text: str) -> Schema:
    """``schema`` with the partial types that ``text`` declares; its problems are reported elsewhere."""
    return replace(schema, partials=read_partial_types(text, schema, FILE_NAME).types) if text else schema


class _Checker:
    def __init__(self, schema: Schema, calls: Sequence[PartialCall], file: str) -> None:
        self._schema, self._file = schema, file
        self._declared: dict[str, PartialCall] = {}
        self.problems: list[Problem] = []
        for call in calls:
            self._declare(call)

    def partial_type(self, call: PartialCall) -> PartialType | None:
        """The partial type of one call, as far as it is valid."""
        model = self._schema.models_by_name.get(call.model.text)
        if model is None:
            self._unknown(
                "unknown-model", f"the schema has no model {call.model.text!r}", call.model, self._models()
            )
            return None
        before = len(self.problems)
        self._contradictions(call)
        kept = self._kept(model, call)
        required, optional = self._members(model, call, kept)
        relations = self._relations(model, call, kept)
        fields = tuple(
            PartialField(
                name=field.name,
                is_required=field.name in required or (field.is_always_there and field.name not in optional),
                partial=relations.get(field.name),
            )
            for field in model.row_fields
            if field.name in kept
        )
        if not self._is_sound(call):
            return None
        if not fields and len(self.problems) == before:
            self._refuse("empty-partial", f"{call.name.text!r} keeps no field of {model.name}", call.name,
                         "name at least one field to keep")  # fmt: skip
        return PartialType(name=call.name.text, model=model.name, fields=fields)

    def find_endless(self, types: Sequence[PartialType]) -> None:
        """Report cycles of required relations: reading a row with them would never end."""
        leads_to = {
            partial.name: [field.partial for field in partial.fields if field.partial and field.is_required]
            for partial in types
        }
        for name, partials in leads_to.items():
            reached, new = set[str](), list(partials)
            while new:
                partial = new.pop()
                if partial not in reached:
                    reached.add(partial)
                    new += leads_to.get(partial, [])
            if name in reached:
                message = f"the required relations of {name!r} form an endless cycle"
                word = self._declared[name].name
                self._refuse("endless-partial", message, word, "remove one of these relations from required")

    def _declare(self, call: PartialCall) -> None:
        name = call.name.text
        if name in self._declared:
            first = self._declared[name].name
            message = f"the partial type {name!r} is already declared in line {first.line}"
            self._refuse("duplicate-partial", message, call.name, "give this one another name")
            return
        self._declared[name] = call
        if reason := _name_reason(name):
            fix = "use letters (A to Z), digits and underscores, starting with a letter, like UserOnlyName"
            self._refuse("bad-partial-name", f"{name[:80]!r} {reason}", call.name, fix)

    def _is_sound(self, call: PartialCall) -> bool:
        """Whether the name is unique and valid for a class; no other name may get into generated files."""
        return self._declared[call.name.text] is call and _name_reason(call.name.text) is None

    def _contradictions(self, call: PartialCall) -> None:
        without = "exclude_relational_fields"
        for first, second, applies in (
            ("include", "exclude", call.include is not None and call.exclude is not None),
            ("include", without, call.include is not None and call.exclude_relational_fields),
            ("relations", without, bool(call.relations) and call.exclude_relational_fields),
        ):
            if applies:
                message = f"{first} and {second} can't both be given for {call.name.text!r}"
                self._refuse("conflicting-arguments", message, call.name, "keep one of them")
        optional = {word.text for word in call.optional or ()}
        for word in call.required or ():
            if word.text in optional:
                message = f"{word.text!r} can't be both required and optional"
                self._refuse("conflicting-arguments", message, word, "keep one of them")

    def _kept(self, model: Model, call: PartialCall) -> set[str]:
        fields = {field.name for field in model.row_fields}
        kept = self._known(model, call.include, fields) if call.include is not None else set(fields)
        kept -= self._known(model, call.exclude or (), fields)
        return kept - {field.name for field in model.relations if call.exclude_relational_fields}

    def _known(self, model: Model, words: Words, fields: Iterable[str]) -> set[str]:
        known = set(fields)
        for word in words:
            if word.text not in known:
                self._unknown(
                    "unknown-field", f"{model.name} has no field {word.text!r}", word, sorted(known)
                )
        return {word.text for word in words} & known

    def _members(self, model: Model, call: PartialCall, kept: set[str]) -> tuple[set[str], set[str]]:
        """The fields that are made required, and those that are made optional."""
        fields = {field.name for field in model.row_fields}
        made = []
        for words in (call.required or (), call.optional or ()):
            known = self._known(model, words, fields)
            for word in words:
                if word.text in known - kept:
                    self._left_out(call, word)
            made.append(known)
        return made[0], made[1]

    def _relations(self, model: Model, call: PartialCall, kept: set[str]) -> dict[str, str]:
        """The partial type that each relation's rows are read as."""
        targets = {field.name: field.type for field in model.relations}
        chosen = {}
        for relation, partial in call.relations or ():
            if relation.text not in targets:
                message = f"{model.name} has no relation {relation.text!r}"
                self._unknown("unknown-relation", message, relation, sorted(targets))
                continue
            if relation.text not in kept and not call.exclude_relational_fields:  # else already reported
                self._left_out(call, relation)
            if self._is_partial_of(targets[relation.text], relation, partial):
                chosen[relation.text] = partial.text
        return chosen

    def _is_partial_of(self, target: str, relation: Word, partial: Word) -> bool:
        declared = self._declared.get(partial.text)
        if declared is None:
            names = [name for name, call in self._declared.items() if call.model.text == target]
            self._unknown(
                "unknown-partial", f"there is no partial type {partial.text!r}", partial, sorted(names)
            )
        elif declared.model.text != target:
            message = f"{partial.text!r} is of {declared.model.text}, but {relation.text!r} leads to {target}"
            self._refuse("wrong-partial", message, partial, f"use a partial type of {target}")
        return declared is not None and declared.model.text == target

    def _left_out(self, call: PartialCall, word: Word) -> None:
        message = f"{call.name.text!r} leaves {word.text!r} out"
        self._refuse("unknown-field", message, word, "keep the field, or remove it here")

    def _models(self) -> list[str]:
        return sorted(self._schema.models_by_name)

    def _unknown(self, code: str, message: str, word: Word, known: Sequence[str]) -> None:
        close = get_close_matches(word.text, known, n=1)
        choice = f"did you mean {close[0]!r}?" if close else f"choose one of {', '.join(known) or 'none'}"
        self._refuse(code, message[:200], word, choice)

    def _refuse(self, code: str, message: str, word: Word, fix: str) -> None:
        problem = Problem(
            code=code, message=message, fix=fix, file=self._file, line=word.line, column=word.column
        )
        self.problems.append(problem)


def _name_reason(name: str) -> str | None:
    """Why a class can't have this name; names with an underscore are private to the generated module."""
    if not (name.isascii() and name.isidentifier()) or name.startswith("_"):
        return "is not a valid class name"
    return "is a keyword in Python" if keyword.iskeyword(name) else None
