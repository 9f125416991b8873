"""The JSON form of values between services: the same that the front ends' types package reads and writes.

Integers of 64 bits and decimals are strings of digits (a JavaScript number would round them), datetimes ISO
8601 in UTC, bytes base64, enums their names in the schema. In Python they are int, Decimal, aware datetimes
and Base64. Input is taken as that package's ``fromJson`` takes it, and what has no JSON form is refused.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal as DecimalNumber
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializationInfo,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import core_schema

from ..coerce import as_dict, as_list
from ..rounding import fitting
from .fields import Base64, Json

if TYPE_CHECKING:
    from .fields import JsonValue
else:
    JsonValue = Any

_T = TypeVar("_T")
_Data = TypeVar("_Data")

_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DATE = re.compile(
    rf"\d{{4}}-\d\d-\d\d(?:T{_CLOCK}(?::[0-5]\d(?:\.\d{{1,6}}0*)?)?(?:Z|[+-]{_CLOCK})?)?", re.ASCII
)
_INTEGER = re.compile(r"-?\d{1,98}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|NaN|[+-]?Infinity", re.ASCII | re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_MOST_DIGITS = 131_072  # PostgreSQL's numeric: https://www.postgresql.org/docs/current/datatype-numeric.html
#: JavaScript's numbers keep each whole number up to this one.
_MOST_EXACT = 2**53 - 1
#: From here on it writes them with an exponent, which claims no exact digits.
_EXPONENT = 10**21
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


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
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("needs a date that there is, of the years 1 to 9999") from None
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


def _kept_in_javascript(number: float) -> bool:
    """Whether a whole number of JSON has the same digits as a JavaScript number."""
    if isinstance(number, float) or abs(number) <= _MOST_EXACT:
        return isfinite(number)
    try:
        return DecimalNumber(repr(float(number))) == number
    except OverflowError:
        return False


def _meant_exactly(number: float) -> bool:
    """Whether a new value has the digits that were meant: JavaScript can't tell for whole ones in between."""
    is_whole = isinstance(number, int) or number.is_integer()
    is_between = is_whole and _MOST_EXACT < abs(number) < _EXPONENT
    return not is_between and _kept_in_javascript(number)


def _unfit(value: Any, is_number: Callable[[float], bool], place: str = "") -> Iterator[str]:
    """What in a value isn't JSON that every language reads alike, and where: ``['a'][0]``."""
    if isinstance(value, str):
        if found := _UNSTORABLE.search(value):
            yield f"the character U+{ord(found[0]):04X}{place}"
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int | float):
        if not is_number(value):
            yield f"the number {value!r:.40}{place}"
    elif (items := as_list(value)) is not None:
        for index, item in enumerate(items):
            yield from _unfit(item, is_number, f"{place or ' at '}[{index}]")
    elif (by_key := as_dict(value)) is not None:
        for key, item in by_key.items():
            if isinstance(key, str):
                yield from _unfit(key, is_number, f" in the key {key!r:.40}{place}")
            else:
                yield f"the key {key!r:.40}{place}"
            yield from _unfit(item, is_number, f"{place or ' at '}[{key!r:.40}]")
    else:
        yield f"a {type(value).__name__}{place}"


def _json(is_number: Callable[[float], bool]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        try:
            found = next(_unfit(value, is_number), None)
        except RecursionError:
            found = "a value that is nested so deeply"
        if found is not None:
            raise ValueError(f"can't hold {found}")
        return value

    return check


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


class _Stored:
    """Text that Postgres can store, for pydantic: it refuses halves of surrogate pairs itself."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.str_schema(pattern=r"^[^\x00]*$")

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shown = dict(handler(schema))
        shown.pop("pattern")
        return shown


@dataclass(frozen=True, slots=True)
class Digits:
    """A decimal has at most ``precision`` digits, ``scale`` of them after the point, or is one of
    ``specials``."""

    precision: int
    scale: int
    specials: tuple[str, ...] = ("NaN",)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: DecimalNumber) -> DecimalNumber:
        if not value.is_finite():
            if str(value) not in self.specials:
                raise ValueError(f"can't be {value}")
            return value
        _, digits, exponent = value.as_tuple()
        zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
        places = max(0, -int(exponent) - zeros)
        if value and (places > self.scale or value.adjusted() >= self.precision - self.scale):
            whole = self.precision - self.scale
            raise ValueError(f"has more than {whole} digits before the point or {self.scale} after it")
        return value


@dataclass(frozen=True, slots=True)
class Kept:
    """A datetime of whose seconds the column keeps some ``digits``; if ``is_clock``, of a time of day."""

    digits: int
    is_clock: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, value: datetime) -> datetime:
        return fitting(value, self.digits, is_clock=self.is_clock)


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


class Body(_Lazy, Generic[_Data]):
    """The body of a request: no fields but the model's, and only given ones are written."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", json_schema_extra=_without_null_defaults)

    def __class_getitem__(cls, data: Any) -> Any:
        # Which type the data has is for checkers; pydantic would make a class of each.
        return cls

    # Here, and not in each class: mypy writes out both types before it ignores that they differ.
    def model_dump(self, **options: Any) -> _Data:  # type: ignore[override]
        """``data`` for ``create`` or ``update``: the fields that were given, by the schema's names."""
        given: dict[str, Any] = {"by_alias": True, "exclude_unset": True, **options}
        return super().model_dump(**given)  # type: ignore[return-value]


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
Float: TypeAlias = Annotated[float, Strict(), Field(allow_inf_nan=False)]
#: The bounds are the shortest digits of the greatest value, which Postgres writes.
Real: TypeAlias = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=-3.4028235e38, le=3.4028235e38)]
Text: TypeAlias = Annotated[str, _Stored()]
Bits: TypeAlias = Annotated[str, Strict()]
Boolean: TypeAlias = Annotated[bool, Strict()]
Uuid: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
#: The JSON of a row's ``Json`` field.
JsonRow: TypeAlias = Annotated[JsonValue, AfterValidator(_json(_kept_in_javascript))]
#: JSON for a ``Json`` field, but no bare null, as in the front ends' types: no value, or JSON's own?
JsonInput: TypeAlias = Annotated[
    JsonValue,
    AfterValidator(_json(_meant_exactly)),
    BeforeValidator(_not_null),
    PlainSerializer(_data, return_type=Any),
]
#: A field that has a value even if none was given.
OrLeftOut: TypeAlias = Annotated[_T | None, _LeftOut()]
