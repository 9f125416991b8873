"""Comments above a statement that are directives: ``-- schema-service: <word>``."""

from __future__ import annotations

import re

from pglast.parser import scan

#: Above an UPDATE: it runs in batches; see :mod:`migrations.scripts.batches`.
BACKFILL = "-- schema-service: backfill"
#: Above any statement on a table: it is meant to fail on rows that don't fit.
MAY_REFUSE = "-- schema-service: may-refuse"
_LINE = re.compile(r"--[ \t]*schema-service:[ \t]*(?P<word>[^\n]*)")


def directives(gap: str) -> list[str]:
    """The words after ``-- schema-service:`` in the comments of ``gap``, the text before a statement."""
    comments = (gap[token.start : token.end + 1] for token in scan(gap) if token.name == "SQL_COMMENT")
    return [match["word"].strip() for comment in comments if (match := _LINE.fullmatch(comment))]


def word_of(directive: str) -> str:
    """The word after the colon."""
    return directive.rpartition(" ")[2]
