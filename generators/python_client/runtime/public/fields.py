"""Values that plain Python types can't express."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, total_ordering
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:
    #: A JSON value that was read. Its parts have no types that anybody knows: ``row.settings["theme"]``.
    JsonValue: TypeAlias = Any
else:
    import pydantic

    JsonValue = pydantic.JsonValue  # which validates it

_JsonScalar: TypeAlias = "str | int | float | bool | datetime | Decimal | Base64"
#: Any JSON value: plain dicts, lists, numbers, strings, booleans and None. Datetimes (ISO 8601 in UTC),
#: decimals and base64 become strings.
JsonInput: TypeAlias = "_JsonScalar | Sequence[JsonInput] | Mapping[str, JsonInput] | None"
#: The input of a Decimal field: exact numbers, so no float.
DecimalInput: TypeAlias = "Decimal | int | str"
#: The input of a DateTime field: text is in ISO 8601.
DateTimeInput: TypeAlias = "datetime | str"
#: The input of a Bytes field.
BytesInput: TypeAlias = "bytes | Base64"


class Json:
    """A value for a ``Json`` field: ``data={"settings": Json({"theme": "dark"})}``.

    The wrapper tells a JSON object from a dict of operators, and JSON's ``null`` (``Json(None)``) from a
    missing value (``None``). Both are read back as ``None``.
    """

    __slots__ = ("data",)

    def __init__(self, data: JsonInput) -> None:
        self.data: JsonInput = data

    @classmethod
    def keys(cls, **data: JsonInput) -> Json:
        """An object by its keys: ``Json.keys(theme="dark")``."""
        return cls(data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Json) and self.data == other.data

    # Its value is mutable.
    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Json({self.data!r})"


#: The input of a Json field: a value in ``Json(...)``, or JSON text. A dict or a list has to be wrapped.
JsonFieldInput: TypeAlias = "Json | str"


@total_ordering
class Base64:
    """The value of a ``Bytes`` field: ``row.photo.decode()`` gives its bytes, ``str(row.photo)`` base64 text.

    It keeps what it was made of, and converts on demand: reading rows encodes nothing. It is immutable, and
    equals, hashes and sorts like its bytes.
    """

    __slots__ = ("_data", "_text")

    _data: bytes | None
    _text: bytes | None

    def __init__(self, raw: bytes | str) -> None:
        """``raw`` is base64 text; it is checked when its bytes are read."""
        self._data = None
        self._text = raw.encode("ascii") if isinstance(raw, str) else _bytes(raw)

    @classmethod
    def encode(cls, value: bytes) -> Self:
        """The Base64 of some bytes."""
        made = cls.__new__(cls)
        made._data, made._text = _bytes(value), None
        return made

    @classmethod
    def fromb64(cls, value: str | bytes) -> Self:
        """From base64 text; the same as the constructor."""
        return cls(value)

    def decode(self) -> bytes:
        """The bytes. Raises ValueError if the text is not base64."""
        if self._data is None:
            self._data = b64decode(self._raw, validate=True)
        return self._data

    def decode_str(self, str_encoding: str = "utf-8") -> str:
        """The bytes as text."""
        return self.decode().decode(str_encoding)

    @property
    def _raw(self) -> bytes:
        """The base64 text, as bytes."""
        return b64encode(self.decode()) if self._text is None else self._text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In pydantic's models base64 text becomes a Base64, and is text again in JSON."""
        return core_schema.no_info_plain_validator_function(
            cls._validated,
            serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json"),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "byte"}

    @classmethod
    def _validated(cls, value: object) -> Base64:
        if isinstance(value, cls):
            return value
        if isinstance(value, Base64):
            return cls(value._raw)
        if isinstance(value, str | bytes):
            return cls(value)
        raise ValueError("needs a Base64, or base64 as text")

    def _decoded(self) -> bytes | None:
        """The bytes, or None if the text is not base64."""
        try:
            return self.decode()
        except ValueError:
            return None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Base64):
            data, others = self._decoded(), other._decoded()
            return self._text == other._text if data is None and others is None else data == others
        return isinstance(other, bytes | bytearray) and self._decoded() == other

    def __hash__(self) -> int:
        data = self._decoded()
        return hash(self._text if data is None else data)

    def __lt__(self, other: Base64 | bytes) -> bool:
        if isinstance(other, Base64 | bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            return self.decode() < bytes(other)
        return NotImplemented

    def __bytes__(self) -> bytes:
        return self.decode()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).encode, (self._data,)) if self._text is None else (type(self), (self._text,))

    def __str__(self) -> str:
        return self._raw.decode("ascii")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._raw!r})"


def base64_of(data: bytes, _new: Any = object.__new__) -> Base64:
    """``Base64.encode`` for bytes from the database, in a third of its time."""
    made: Base64 = _new(Base64)
    made._data = data  # pyright: ignore[reportPrivateUsage]
    made._text = None  # pyright: ignore[reportPrivateUsage]
    return made


def _bytes(value: Any) -> bytes:
    """A bytes-like object as immutable bytes. Raises TypeError."""
    return value if isinstance(value, bytes) else memoryview(value).tobytes()


_ANYTHING = (Any, object)


def takes_base64(annotation: Any) -> bool:
    """Whether a field of this type is given a Base64. One that names neither it nor Any is given bytes."""
    if annotation in _ANYTHING or isinstance(annotation, TypeVar) or _is_base64(annotation):
        return True
    aliased = getattr(annotation, "__value__", None)  # of ``type Photo = Base64 | None``
    return any(takes_base64(part) for part in (*get_args(annotation), aliased) if part is not None)


def _is_base64(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Base64)


@lru_cache(maxsize=1000)
def holds_base64(row_class: type[BaseModel], key: str) -> bool:
    """Whether the field of a class that takes ``key`` from a dict is given a Base64."""
    row_class.model_rebuild()
    return any(
        takes_base64(field.annotation)
        for name, field in row_class.model_fields.items()
        if key in (name, field.alias, field.validation_alias)
    )
