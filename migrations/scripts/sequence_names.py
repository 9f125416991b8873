"""The sequences that a history has made and not dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pglast.parser import ParseError

from ..ddl.catalog_model import Database
from ..ddl.ddl_interpreter import DdlInterpreter
from ..ddl.names import Name
from ..ddl.statements import parse_script

_MAKES = re.compile(r"serial|sequence|identity", re.IGNORECASE)


def sequence_names(scripts: Iterable[str]) -> frozenset[Name]:
    """Those that are there after ``scripts``, from an empty database on; none where a script can't be read,
    which whoever splits it tells."""
    texts = list(scripts)
    if not any(map(_MAKES.search, texts)):
        return frozenset()
    interpreter = DdlInterpreter(Database(is_complete=True))
    try:
        for text in texts:
            for _ in interpreter.apply_script(parse_script(text)):
                pass  # what they do to rows is asked elsewhere
    except ParseError:
        return frozenset()
    relations = interpreter.database.relations.items()
    return frozenset(name for name, each in relations if each.kind == "sequence")
