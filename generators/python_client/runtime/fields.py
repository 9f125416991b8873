"""Values that plain Python types can't say."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator, GetCoreSchemaHandler, PlainSerializer, ValidationInfo
from pydantic_core import CoreSchema, core_schema

#: Anything that JSON can hold; plain dicts, lists, numbers, strings, booleans and None.
JsonInput: TypeAlias = "str | int | float | bool | Sequence[JsonInput] | Mapping[str, JsonInput] | None"
#: What a Decimal field takes: whatever is exact. A float is not.
DecimalInput: TypeAlias = "Decimal | int | str"
#: What a Bytes field takes.
BytesInput: TypeAlias = "bytes | Base64"


def _read(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, Base64):
        return value.decode()
    return b64decode(value, validate=True) if info.mode == "json" and isinstance(value, str) else value


def _text(value: bytes) -> str:
    return b64encode(value).decode()


#: What a Bytes field of a row holds: bytes, which are base64 in JSON.
RowBytes: TypeAlias = Annotated[
    bytes, BeforeValidator(_read), PlainSerializer(_text, return_type=str, when_used="json")
]


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

    # What it holds can change.
    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Json({self.data!r})"


class Base64:
    """Bytes that are given as base64: ``Base64.encode(b"...")``. A ``Bytes`` field takes it as well as bytes.

    Rows hold plain bytes.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes | str) -> None:
        """``raw`` is base64 text."""
        self._raw = raw.encode() if isinstance(raw, str) else raw

    @classmethod
    def encode(cls, value: bytes) -> Base64:
        """The base64 of some bytes."""
        return cls(b64encode(value))

    @classmethod
    def fromb64(cls, value: str | bytes) -> Base64:
        """From base64 text; the same as the constructor."""
        return cls(value)

    def decode(self) -> bytes:
        """The bytes. Raises ValueError if the text is no base64."""
        return b64decode(self._raw, validate=True)

    def decode_str(self, str_encoding: str = "utf-8") -> str:
        """The bytes as text."""
        return self.decode().decode(str_encoding)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In pydantic's models base64 text becomes one, and is written as text again."""
        given = core_schema.union_schema([core_schema.str_schema(), core_schema.bytes_schema()])
        made = core_schema.no_info_after_validator_function(cls, given)
        return core_schema.json_or_python_schema(
            json_schema=made,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), made]),
            serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json"),
        )

    def __eq__(self, other: object) -> bool:
        """Equal to the same base64, and to the bytes that it stands for: rows hold those."""
        if isinstance(other, Base64):
            return self._raw == other._raw
        return isinstance(other, bytes) and b64encode(other) == self._raw

    def __hash__(self) -> int:
        return hash(self.decode())

    def __str__(self) -> str:
        return self._raw.decode()

    def __repr__(self) -> str:
        return f"Base64({self._raw!r})"
