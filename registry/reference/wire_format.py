"""The page of the wire format, from the one place of its rules."""

from __future__ import annotations

from generators.wire_format import FLOATS, INTEGERS, MEANINGS, MONEY

from .markdown import GENERATED, code, table

_INTRODUCTION = f"""\
{GENERATED}
# The wire format
How JSON carries a row, in every language: what the Python client's [bodies](../python-client/bodies.md)
and the [types package](types-package.md) write, read and check. A row that one of them has written is
the same row to all others. What has no form here is refused, with the field and the reason, and never
changed.

Names are those of the schema's fields. A list is an array and never null; no value is `null`; what a create
or an update leaves out stays as it is.

| in the schema | in Python | in JavaScript |
| --- | --- | --- |
| `BigInt` | `int` | `bigint` |
| `Decimal` | `Decimal` | a string of digits; the Node client has Prisma's `Decimal` |
| `DateTime` | an aware `datetime` in UTC | a `Date`, which keeps its microseconds out of sight |
| `Bytes` | `Base64` | `Uint8Array` |
| all else | the same as in JSON | the same as in JSON |

## Values
"""
_SCHEMAS = """\
## JSON Schemas
`jsonSchema(XSchema.json.create)` of the types package and `XCreate.model_json_schema()` of the Python
client's bodies (so FastAPI's OpenAPI, too) say the same. They take all that readers take, and refuse what is
refused here except for

- U+0000 and halves of surrogate pairs in text,
- a `BigInt` of 19 digits beyond its range,
- digits of a `Decimal` with an exponent, and of one with more than 1,000 of them before or after the point,
- the ends of a `DateTime`: the year 0, what an offset moves out of the years 1 to 9999, and what its column
  would round to 24:00 or to the year 10000,
- the number of digits of base64, and of `=` after them,
- all that is within a `Json`.

For a `DateTime` they have a pattern, and not `format: date-time`, which refuses a date alone; what the Python
client writes has that format.

"""
_CLIENTS = """\
## What the clients do
A database may hold what JSON can't carry: NaN in a `Float`, the year 12026, `infinity`. The clients
write and read what their languages have a value for, and such a row is refused when it becomes JSON.

- The Node client refuses to read whole numbers of a `Json` that JavaScript would round
  (9007199254740993), and `infinity` and 24:00 of a `DateTime`; and to write NaN and Infinity in a
  `Json`, U+0000 and halves of surrogate pairs in any text. The error has the column and the row, or the
  argument.
- The Python client reads such whole numbers as they are, and writes them: `bodies` refuse them. A number
  beyond all floats (`1e400` of a `@db.Json`) it refuses to read. `model_dump_json()` of a row, which is not
  the wire format but pydantic's, has NaN and Infinity of a float as text.
- A list that SQL has left NULL is read as an empty one. A list with a NULL in it the Node client refuses to
  read; the Python client reads `None`.
- `now()` and `@updatedAt` are the client's clock, as Prisma has it: milliseconds in Node, microseconds in
  Python. Other defaults than those, `cuid()`, `nanoid()`, `ulid()` and `uuid()` are made by Postgres.
- Raw queries have the database's values: an enum's `@map` names, and in Python decimals as `float` unless
  there is a `model` whose field is a `Decimal`. Of money say `::numeric` there, in both directions: as text,
  which Python sends and reads, it depends on `lc_monetary`.
- JSON of more levels than it has here the clients write and read: the Node client up to 1,000 in an argument,
  the Python client as many as its stack has room for. Both refuse more with the argument's name.
- Microseconds go from the Node client through `toJson`, JSON and `fromJson` and back. A copy (`new
  Date(date)`) and a Date that was changed have milliseconds.
- What has more digits than its column is rounded by Postgres, whoever writes it: a `DateTime` to the
  nearest that the column keeps, the half away from the year 2000; a number the half away from zero.
  A `@db.Date` is the day in UTC. Bodies and validators refuse such decimals. The Python client refuses
  what would be rounded to 24:00 or to the year 10000, which it could not read again; the Node client
  stores it, and reads the latter.
- Conditions compare with the value as it was given: a `DateTime` or `Decimal` with more digits than the
  column is equal to no row, and `lt` and `gte` are exact. `@db.Real` and `@db.Money` are rounded in
  conditions, too; of a `@db.Date` the day is compared, and of a `@db.Time` the time of day.
- Postgres fills a `@db.Char(n)` with spaces up to its length, and drops those beyond it, as it does for
  `@db.VarChar(n)`. It writes a `@db.Uuid` in lower case, a `@db.Inet` of a single host without its mask, and
  a `@db.Xml` without a declaration that says what goes without saying.
- The Node client refuses a fraction for an `Int`, of which Prisma alone would keep the whole number.
- Sessions of both have settings of their own, so `TimeZone`, `DateStyle`, `extra_float_digits` and
  `bytea_output` of a server, a database or a role change nothing. `lc_monetary` changes nothing where it
  has two digits after the point, whatever the point is. With others, the Python client has the amount that
  the server has, and the Node client refuses to read it.
- Behind a transaction pooler that holds for `TimeZone` and `DateStyle`, which poolers keep for each client.
  `extra_float_digits` and `lc_monetary` they don't: on servers behind one leave the former at 1, Postgres'
  default, or floats lose digits, and set the latter to a locale with a point and two digits, such as `C`,
  or the Node client stores other amounts.
"""


def wire_format_page() -> str:
    """docs/reference/wire-format.md."""
    meanings = ((each.name, each.in_json, each.refused) for each in MEANINGS)
    integers = ((code(name), f"{least} to {most}") for name, (least, most) in INTEGERS.items())
    floats = ((code(name), f"-{most} to {most}") for name, most in FLOATS.items())
    precision, scale = MONEY
    money = (code("Money"), f"{precision} digits, {scale} of them after the point")
    return "\n".join(
        [
            _INTRODUCTION,
            *table(["in the schema", "in JSON", "refused"], meanings),
            "## Ranges",
            "By the type in Postgres (`@db.…`); `Int` is `Integer`, `Float` is `DoublePrecision`.",
            "",
            *table(["type", "range"], [*integers, *floats, money]),
            _SCHEMAS.rstrip(),
            "",
            _CLIENTS.rstrip(),
            "",
        ]
    )
