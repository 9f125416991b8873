"""A page with every key of a version.toml."""

from __future__ import annotations

from schemas.toml.answers_toml import TABLES
from schemas.workspace.version_toml import KEYS

from .markdown import GENERATED, code, table

_PAGE = f"""\
{GENERATED}
# version.toml

What a version says of itself, in `schemas/VERSION/version.toml`, and its author's answers about what a
comparison of two schemas can't know. Publishing seals it. A key that doesn't exist is refused.

```toml
description = "Ratings instead of stars"
notes = "Services at 1.x go on working until they use ratings."

[renames]                                   # a removal and an addition of the same shape
"Review.stars" = "Review.rating"

[accept_loss]                               # what may be lost, and why
"Product.price" = "ProductPrice has it now" # a field, or a model
"Role.GUEST" = "nobody ever was one"        # an enum value; refused while a row has it
"User.age" = "all are numbers"              # a type that holds less; refused while a value doesn't fit,
                                            # or would be rounded or cut
"Session.*" = "they expire anyway"          # rows that a script deletes

[backfill]                                  # what existing rows get; new rows have the schema's default
"User.score" = 0
"User.handle" = {{ sql = "lower(email)" }}
"User.country" = {{ rows = "none" }}          # there are no such rows: refuse to run if there are
"Role.OWNER" = "ADMIN"                      # rows with an enum value that is removed
"User.price" = {{ sql = "round(price, 2)" }}  # every value of a field that changes its type: a function that
                                            # rounds or cuts has to say so

[sql_only]                                  # what schema.prisma could have and leaves to the scripts, and why
"index public.User_name_trgm" = "searches by parts of names"
```
"""
_ANSWERS = """\
A backfill is a string, a number, true, false, a list of them, the name of an enum's value, `{ sql = "…" }`
for an expression on the row, or `{ rows = "none" }` where there are no such rows: the run is refused if there
are.

`migration new` asks for what is missing, and writes it; without a terminal it is an error that shows the
lines. [Lines that are taken over](../maintenance-lines.md#take-it-over) have their answers under `[takes]`.
"""


def version_page() -> str:
    """docs/reference/version-toml.md."""
    return "\n".join(
        [
            _PAGE,
            *table(["key", "meaning"], ((code(name), meaning) for name, meaning in KEYS.items())),
            "## Answers",
            "",
            *table(
                ["table", "what its lines say"], ((code(f"[{name}]"), text) for name, text in TABLES.items())
            ),
            _ANSWERS.rstrip(),
            "",
        ]
    )
