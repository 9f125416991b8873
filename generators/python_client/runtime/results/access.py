"""``Model.prisma()``: queries from a class of rows, through the process's registered client."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from ..public.errors import (
    ClientAlreadyRegisteredError,
    ClientNotRegisteredError,
    InvalidModelError,
    UnknownModelError,
)


class SharedFieldsSet(set[str]):
    """The names of the fields set, one object for all rows of a selection.

    A set for each row took a tenth of the time of reading many. A row gets its own set before that can
    change, and copies and pickles are plain sets.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return set, (list(self),)


class Access(BaseModel):
    """A class that says which fields of a model to read, and from which the model can be queried."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        defer_build=True,
        populate_by_name=True,
        ser_json_inf_nan="strings",  # JSON has no form for them, and null would be another value
    )

    __prisma_model__: ClassVar[str]

    @classmethod
    def prisma(cls, client: Any = None) -> Any:
        """The actions of the model, on ``client`` or the registered one; rows come as this class."""
        return actions_of(cls, client)

    @property
    def model_fields_set(self) -> set[str]:
        """The names of the fields that have been set: all that were read, and those assigned since."""
        _own_fields_set(self)
        return self.__pydantic_fields_set__

    def __setattr__(self, name: str, value: Any) -> None:
        _own_fields_set(self)
        super().__setattr__(name, value)


def actions_of(row_class: type[Any], client: Any, *, is_generated: bool = False) -> Any:
    """The actions whose rows are of a class. Raises ClientNotRegisteredError, InvalidModelError."""
    model = getattr(row_class, "__prisma_model__", None)
    if not isinstance(model, str):
        raise InvalidModelError(f"{row_class.__name__} names no model in __prisma_model__")
    using = registered() if client is None else client
    accessor = using.model_accessor(model)
    if accessor is None:
        raise UnknownModelError(f"the schema has no model {model!r}")
    actions = getattr(using, accessor)
    return actions if is_generated else actions.selecting(row_class)


def _own_fields_set(row: Access) -> None:
    shared = getattr(row, "__pydantic_fields_set__", None)  # none yet before the end of __init__
    if shared.__class__ is SharedFieldsSet:
        object.__setattr__(row, "__pydantic_fields_set__", set(row.__pydantic_fields_set__))


_registered: Callable[[], Any] | None = None


def register(client: Any) -> None:
    """Register a client, or a function that returns one. Raises ClientAlreadyRegisteredError."""
    global _registered  # noqa: PLW0603 - one for the process is what it is for
    if _registered is not None:
        raise ClientAlreadyRegisteredError("a client has already been registered")
    _registered = client if callable(client) else lambda: client


def unregister() -> None:
    """Forget the registered client, for tests."""
    global _registered  # noqa: PLW0603 - one for the process is what it is for
    _registered = None


@contextmanager
def reset_client(new_client: Any = None) -> Generator[None]:
    """Another registered client, or none, inside a block. Raises ClientNotRegisteredError."""
    global _registered  # noqa: PLW0603 - one for the process is what it is for
    if _registered is None:
        raise ClientNotRegisteredError("no client is registered; call register(client) first")
    before = _registered
    unregister()
    try:
        if new_client is not None:
            register(new_client)
        yield
    finally:
        _registered = before


def registered() -> Any:
    """The registered client. Raises ClientNotRegisteredError."""
    if _registered is None:
        raise ClientNotRegisteredError("no client is registered; call register(client) first")
    return _registered()


def is_registered(client: Any) -> bool:
    """Whether it is this one."""
    return _registered is not None and _registered() is client
