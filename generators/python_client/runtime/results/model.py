"""The base of every generated model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from .access import Access, actions_of


class Row(Access):
    """One row. It is an ordinary pydantic model, so it validates and serialises like any other.

    Its validator is built on first use, so importing many models stays cheap; rows from the database never
    need it.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Complete the generated class that this one is made from.

        Its relations are named by text, which pydantic would look up in the module of the class made from it.
        """
        super().__init_subclass__(**options)
        for base in cls.__mro__[1:]:
            if issubclass(base, Row) and Row in base.__bases__:
                base.model_rebuild()

    @classmethod
    def prisma(cls, client: Any = None) -> Any:
        """The actions of the model, on ``client`` or the registered one; rows come as this class."""
        return actions_of(cls, client, is_generated=Row in cls.__bases__)

    @classmethod
    def create_partial(  # noqa: PLR0917 - Prisma Client Python's order
        cls,
        name: str,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        required: Iterable[str] | None = None,
        optional: Iterable[str] | None = None,
        relations: Mapping[str, type[BaseModel] | str] | None = None,
        exclude_relational_fields: bool = False,
    ) -> type[Access]:
        """A class with some of the fields, required or optional as wanted, to validate with and to read into.

        ``relations`` takes classes, and names of classes in ``partials``. A class of one's own
        (``class UserName(bases.BaseUser): name: str``) does the same, and checkers know its fields; so do
        those in ``partials``. Raises InvalidModelError and UnknownRelationalFieldError.
        """
        from .partials import partial_of  # noqa: PLC0415 - for the few that use it

        generated = next(base for base in cls.__mro__ if Row in base.__bases__)
        return partial_of(
            cls,
            name,
            package=generated.__module__.rpartition(".")[0],
            include=include,
            exclude=exclude,
            required=required,
            optional=optional,
            relations=relations,
            exclude_relational_fields=exclude_relational_fields,
        )

    @property
    def relation_counts(self) -> dict[str, int]:
        """How many related rows there are, for each relation that ``include={"_count": ...}`` asked for."""
        counts: dict[str, int] = (self.__pydantic_extra__ or {}).get("_count", {})
        return counts
