"""Writes docs/benchmarks/python-client.md from what the Python client's benchmarks have written down.

::

    .venv/bin/python -m pytest -m benchmark tests/benchmarks -k python_client
    .venv/bin/python -m tests.benchmarks.client_page
"""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_RESULTS = _ROOT / "dist" / "benchmarks"
_PAGE = _ROOT / "docs" / "benchmarks" / "python-client.md"
_PARTS = ("speed", "weight", "checking")
_HEADING = re.compile(r"^(#+ )", re.MULTILINE)

_INTRODUCTION = """\
# The Python client compared with its peers

{conditions}. All peers run on the same embedded Postgres, over its socket. Each does each operation in every
round, and another begins each time, so that other load on the machine affects all of them equally.
**Compare the ratios within a round**: absolute times depend on the machine.

- The raw drivers are used as their documentation shows it: psycopg with `dict_row` and its own pool, asyncpg
  with its pool. They return dicts and records; the client returns pydantic models, and checks its arguments.
- SQLAlchemy uses a session for each operation, as a web request does; with asyncio on asyncpg, its faster
  driver. Prisma for Node is the Node client of the same schema.
- Tortoise ORM, Yara ORM and Oxyde have asyncio alone; the cores of the latter two are written in Rust.
  `update` reads the row and saves two of its fields in Tortoise, Yara and SQLAlchemy, whose UPDATE does not
  return it; Oxyde does it in one statement, like the client. Ferro ORM needs Python 3.13, so it is not here.
- On a busy machine the fastest rounds tell more than the median where the difference is a few percent.
- `create_many` stores 1000 rows in one call, into a table with two indexes and a foreign key that the server
  checks for each row: most of its time is the server's for every peer. SQLAlchemy gets the same dicts, in
  one ORM bulk insert; in the row for objects it adds a thousand of its own to a session (`add_all`).

The operations are in `tests/benchmarks/python_client/`. To measure again, on an idle machine:

```
.venv/bin/python -m pytest -m benchmark tests/benchmarks -k python_client
.venv/bin/python -m tests.benchmarks.client_page
```
"""


def page() -> str:
    """The page's text."""
    processors = os.cpu_count()
    conditions = f"{processors} cores, Python {platform.python_version()}, {platform.system()}"
    parts = [(_RESULTS / f"python_client_{part}.md").read_text("utf-8").strip() for part in _PARTS]
    # One level down: the page has a title of its own.
    return "\n\n".join([_INTRODUCTION.format(conditions=conditions).strip(), *map(_lowered, parts)]) + "\n"


def _lowered(part: str) -> str:
    return _HEADING.sub(r"#\1", part)


if __name__ == "__main__":
    try:
        _PAGE.write_text(page(), "utf-8")
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is not there: run the benchmarks first")
