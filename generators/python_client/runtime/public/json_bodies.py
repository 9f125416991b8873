"""The JSON form of values between services: the same that the front ends' types package reads and writes.

Integers of 64 bits and decimals are strings of digits (a JavaScript number would round them), datetimes ISO
8601 in UTC, bytes base64, enums their names in the schema. In Python they are int, Decimal, aware datetimes
and Base64. Input is taken as that package's ``fromJson`` takes it, and what has no JSON form is refused.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
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
    ValidationInfo,
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

_DAY = (
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9][0-9](?:0[48]|[2468][048]|[13579][26])"
    "|(?:[02468][048]|[13579][26])00)-02-29)"
)
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS = r"(?::[0-5][0-9](?:\.[0-9]{1,3}([0-9]{0,3})0*)?)?"
_DATE = re.compile(f"^{_DAY}(T{_CLOCK}{_SECONDS}(Z|[+-]{_CLOCK})?)?$")
#: As many zeros before its digits as make it no work to read.
_INTEGER = re.compile("^-?0{0,79}[0-9]{1,19}$")
_ANY_DECIMAL = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_EXPONENT_DIGITS = r"[eE][+-]?[0-9]{1,6}"
_SPECIALS = {
    0: "",
    1: "|[Nn][Aa][Nn]",
    3: "|[Nn][Aa][Nn]|[+-]?[Ii][Nn][Ff][Ii][Nn][Ii][Tt][Yy]",
}
_DECIMAL = re.compile(f"[+-]?{_ANY_DECIMAL}(?:{_EXPONENT_DIGITS})?{_SPECIALS[3]}")
_BASE64 = re.compile("^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$")
_UUID = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
#: Regular expressions of some languages count no further.
_MOST_COUNTED = 1000
#: The levels of lists and objects that JSON has at most.
_DEPTH = 128
_MOST_DIGITS = 131_072  # PostgreSQL's numeric: https://www.postgresql.org/docs/current/datatype-numeric.html
#: JavaScript's numbers keep each whole number up to this one.
_MOST_EXACT = 2**53 - 1
#: From here on it writes them with an exponent, which claims no exact digits.
_EXPONENT = 10**21
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
#: Whether a body is made by keywords, and not out of JSON that was parsed before.
_BY_KEYWORD: ContextVar[bool] = ContextVar("by_keyword", default=False)


def _big_int(value: Any, *, is_exact: bool) -> Any:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("needs an integer, as a string of digits")  # noqa: TRY004 - pydantic reports this one
    if not is_exact and abs(value) > _MOST_EXACT:
        raise ValueError(
            "needs a string of digits beyond 2^53 - 1, since many readers of JSON round such numbers"
        )
    return value


def _row_big_int(value: Any, info: ValidationInfo) -> Any:
    return _big_int(value, is_exact=info.mode == "python")


def _input_big_int(value: Any, info: ValidationInfo) -> Any:
    # Web frameworks parse a request's JSON themselves; only keywords are a program's own.
    return _big_int(value, is_exact=info.mode == "python" and _BY_KEYWORD.get())


def _decimal(value: Any) -> DecimalNumber:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = DecimalNumber(value)
    if not isinstance(value, DecimalNumber):
        raise ValueError("needs a decimal number, as a string")  # noqa: TRY004 - pydantic reports this one
    if value.is_finite() and abs(value.adjusted()) > _MOST_DIGITS:
        if not value:
            return DecimalNumber(0)
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
    if not isinstance(value, str) or not _BASE64.fullmatch(value):
        raise ValueError("needs base64")
    digits = value.replace("-", "+").replace("_", "/").rstrip("=")
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


def _unfit(value: Any, is_number: Callable[[float], bool], place: str = "", level: int = 0) -> Iterator[str]:
    """What in a value isn't JSON that every language reads alike, and where: ``['a'][0]``."""
    if isinstance(value, str):
        if found := _UNSTORABLE.search(value):
            yield f"the character U+{ord(found[0]):04X}{place}"
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int | float):
        if not is_number(value):
            yield f"the number {value!r:.40}{place}"
    elif as_list(value) is None and as_dict(value) is None:
        yield f"a {type(value).__name__}{place}"
    elif level == _DEPTH:
        yield f"more than {_DEPTH} levels of lists and objects"
    else:
        for key, item in _parts(value):
            if isinstance(key, str):
                yield from _unfit(key, is_number, f" in the key {key!r:.40}{place}")
            elif as_list(value) is None:
                yield f"the key {key!r:.40}{place}"
            yield from _unfit(item, is_number, f"{place or ' at '}[{key!r:.40}]", level + 1)


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    """The keys and values of a dict, the indexes and items of a list."""
    by_key = as_dict(value)
    return enumerate(as_list(value) or ()) if by_key is None else by_key.items()


def _json(is_number: Callable[[float], bool]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if (found := next(_unfit(value, is_number), None)) is not None:
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


def _decimal_schema(whole: int, scale: int, specials: int = 1) -> dict[str, Any]:
    """Text of such a decimal; with an exponent, or where nobody counts so far, it has any digits.

    A regular expression that tries a digit in two places would take its time with many.
    """
    before = "0+" if whole < 1 else f"(?:0+|0*[1-9][0-9]{{0,{whole - 1}}})"
    if whole > _MOST_COUNTED:
        before = "[0-9]+"

    def after(least: int) -> str:
        if scale < 1:
            return f"0{{{least},}}"
        return f"[0-9]{{{least},}}" if scale > _MOST_COUNTED else f"[0-9]{{{least},{scale}}}0*"

    plain = rf"{before}(?:\.{after(0)})?|0*\.{after(1)}"
    number = f"[+-]?(?:{plain}|{_ANY_DECIMAL}{_EXPONENT_DIGITS})"
    return {"type": "string", "pattern": f"^(?:{number}{_SPECIALS[specials]})$"}


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

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            **handler(schema),
            **_decimal_schema(self.precision - self.scale, self.scale, len(self.specials)),
        }

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

    def __init__(self, /, **data: Any) -> None:
        token = _BY_KEYWORD.set(True)
        try:
            super().__init__(**data)
        finally:
            _BY_KEYWORD.reset(token)

    # It only calls pydantic's, which therefore needn't call it for each dict that it validates.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

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
_BigInt: TypeAlias = Annotated[
    int,
    Field(ge=-(2**63), le=2**63 - 1),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": ["string", "integer"],
            "pattern": _INTEGER.pattern,
            "minimum": -_MOST_EXACT,
            "maximum": _MOST_EXACT,
        },
        mode="validation",
    ),
    WithJsonSchema({"type": "string", "pattern": "^-?[0-9]{1,19}$"}, mode="serialization"),
]
BigInt: TypeAlias = Annotated[_BigInt, BeforeValidator(_row_big_int)]
#: A new value: of a number that was parsed from JSON nobody knows whether it was another.
BigIntInput: TypeAlias = Annotated[_BigInt, BeforeValidator(_input_big_int)]
Decimal: TypeAlias = Annotated[
    DecimalNumber,
    Field(allow_inf_nan=True),
    BeforeValidator(_decimal),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    WithJsonSchema(_decimal_schema(_MOST_DIGITS, _MOST_DIGITS, 3)),
]
DateTime: TypeAlias = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _DATE.pattern}, mode="validation"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
Bytes: TypeAlias = Annotated[
    Base64,
    BeforeValidator(_bytes),
    # Not in groups of four: JavaScript's regular expressions have no room for those of some megabytes.
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9+/_-]*={0,2}$", "contentEncoding": "base64"}),
]
Float: TypeAlias = Annotated[float, Strict(), Field(allow_inf_nan=False)]
#: The bounds are the shortest digits of the greatest value, which Postgres writes.
Real: TypeAlias = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=-3.4028235e38, le=3.4028235e38)]
Text: TypeAlias = Annotated[str, _Stored()]
Bits: TypeAlias = Annotated[str, Strict()]
Boolean: TypeAlias = Annotated[bool, Strict()]
Uuid: TypeAlias = Annotated[
    str,
    Field(pattern=_UUID),
    WithJsonSchema({"type": "string", "pattern": _UUID, "format": "uuid"}),
]
#: The JSON of a row's ``Json`` field.
JsonRow: TypeAlias = Annotated[JsonValue, AfterValidator(_json(_kept_in_javascript))]
#: JSON for a ``Json`` field, but no bare null, as in the front ends' types: no value, or JSON's own?
JsonInput: TypeAlias = Annotated[
    JsonValue,
    AfterValidator(_json(_meant_exactly)),
    BeforeValidator(_not_null),
    PlainSerializer(_data, return_type=Any),
    WithJsonSchema({"type": ["string", "number", "boolean", "object", "array"]}),
]
#: A field that has a value even if none was given.
OrLeftOut: TypeAlias = Annotated[_T | None, _LeftOut()]
