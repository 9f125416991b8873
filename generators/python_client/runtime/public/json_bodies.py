"""The JSON form of values between services: the same that the front ends' types package reads and writes.

Integers of 64 bits and decimals are strings of digits (a JavaScript number would round them), datetimes ISO
8601 in UTC, bytes base64, enums their names in the schema. In Python they are int, Decimal, aware datetimes
and Base64. Input is taken as that package's ``fromJson`` takes it.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal as DecimalNumber
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    PlainSerializer,
    SerializationInfo,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import core_schema

from .fields import Base64, Json

_T = TypeVar("_T")

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,20}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|NaN|[+-]?Infinity", re.ASCII | re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_MOST_DIGITS = 131_072  # PostgreSQL's numeric: https://www.postgresql.org/docs/current/datatype-numeric.html


def _big_int(value: Any) -> Any:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("needs an integer, as a string of digits")


def _decimal(value: Any) -> DecimalNumber:
    is_digits = isinstance(value, str) and _DECIMAL.fullmatch(value)
    if is_digits or (isinstance(value, int) and not isinstance(value, bool)):
        value = DecimalNumber(value)
    if not isinstance(value, DecimalNumber):
        raise ValueError("needs a decimal number, as a string")  # noqa: TRY004 - pydantic reports this one
    if value.is_finite() and value and abs(value.adjusted()) > _MOST_DIGITS:
        raise ValueError("has more digits than the database can hold")
    return value


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _DATE.fullmatch(value):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        raise ValueError("needs a date and time in ISO 8601")  # noqa: TRY004 - pydantic reports this one
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("needs a date of the years 1 to 9999") from None


def _bytes(value: Any) -> Base64:
    if isinstance(value, Base64 | bytes):
        return Base64.encode(bytes(value))
    # Both alphabets of RFC 4648, with padding or without.
    text = value.replace("-", "+").replace("_", "/") if isinstance(value, str) else "?"
    digits = text.rstrip("=")
    if not _BASE64.fullmatch(text) or len(digits) % 4 == 1:
        raise ValueError("needs base64")
    return Base64.encode(b64decode(digits + "=" * (-len(digits) % 4)))


def _iso(value: datetime) -> str:
    precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _not_null(value: Any) -> Any:
    if value is None:
        raise ValueError("can't be null: leave it out")
    return value


def _data(value: JsonValue, info: SerializationInfo) -> Any:
    return Json(value) if info.mode == "python" else value


class _LeftOut:
    """May be left out (the attribute is None then) but is never null."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_not_null, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shown = dict(handler(schema))
        kinds = [kind for kind in shown.pop("anyOf", ()) if kind != {"type": "null"}]
        return {**shown, **kinds[0]} if kinds else shown


def _without_null_defaults(schema: Mapping[str, Any]) -> None:
    # An omitted value is left to the database: null as the default would mean something else.
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class _Lazy(BaseModel):
    """Builds its validator on first use: most services use few of the classes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True, populate_by_name=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        # With deferred building FastAPI would warn about it. Classes made from this one are built.
        if cls.__module__ != __name__:
            cls.model_config = {**cls.model_config, "defer_build": False}


class Body(_Lazy):
    """The body of a request: no fields but the model's, and only given ones are written."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", json_schema_extra=_without_null_defaults)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """``data`` for ``create`` or ``update``: the fields that were given, by the schema's names."""
        given: dict[str, Any] = {"by_alias": True, "exclude_unset": True, **options}
        return super().model_dump(**given)


class RowBody(_Lazy):
    """A row in JSON, made of a row: ``UserJson.model_validate(row)``, or as FastAPI's response model."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        from_attributes=True, json_schema_serialization_defaults_required=True
    )

    @model_validator(mode="before")
    @classmethod
    def _values_of(cls, row: Any) -> Any:
        # By attributes, pydantic would look for "json" before "json_", and find a method of the model.
        return dict(row.__dict__) if isinstance(row, BaseModel) else row


Int: TypeAlias = Annotated[int, Strict(), Field(ge=-(2**31), le=2**31 - 1)]
SmallInt: TypeAlias = Annotated[int, Strict(), Field(ge=-(2**15), le=2**15 - 1)]
Oid: TypeAlias = Annotated[int, Strict(), Field(ge=0, le=2**32 - 1)]
BigInt: TypeAlias = Annotated[
    int,
    Field(ge=-(2**63), le=2**63 - 1),
    BeforeValidator(_big_int),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+$"}),
]
Decimal: TypeAlias = Annotated[
    DecimalNumber,
    Field(allow_inf_nan=True),
    BeforeValidator(_decimal),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "decimal"}),
]
DateTime: TypeAlias = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Bytes: TypeAlias = Annotated[
    Base64,
    BeforeValidator(_bytes),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
Float: TypeAlias = Annotated[float, Strict()]
Boolean: TypeAlias = Annotated[bool, Strict()]
Uuid: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
#: JSON for a ``Json`` field, but no bare null, as in the front ends' types: no value, or JSON's own?
JsonInput: TypeAlias = Annotated[
    JsonValue, BeforeValidator(_not_null), PlainSerializer(_data, return_type=Any)
]
#: A field that has a value even if none was given.
OrLeftOut: TypeAlias = Annotated[_T | None, _LeftOut()]
