"""What conditions on one value should find, done slowly in memory: SQL's three-valued logic, the equality,
containment and paths of jsonb, Postgres' lists.

Values are those of Python; JSON is wrapped in anything that has ``data``. How texts are ordered is the
database's business, so the order is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Truth = bool | None
#: The place of a text in the database's order.
Rank = Callable[[str], int]

_MISSING = object()


def inverted(truth: Truth) -> Truth:
    """NOT."""
    return None if truth is None else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    """AND."""
    listed = list(truths)
    if any(truth is False for truth in listed):
        return False
    return None if any(truth is None for truth in listed) else True


def scalar_holds(found: Any, given: Any, rank: Rank) -> Truth:
    """Whether a value is what a condition asks for: a value, None, or a dict of operators."""
    operators = given if isinstance(given, dict) else {"equals": given}
    fold = str.lower if operators.get("mode") == "insensitive" else lambda text: text
    return _scalar(found, operators, rank, fold)


def list_holds(found: list[Any] | None, given: Any) -> Truth:
    """The same for a column of lists; a list that was never set is None."""
    operators = given if isinstance(given, dict) else {"equals": given}
    return conjunction(_list_operator(found, word, value) for word, value in operators.items())


def json_holds(found: Any, given: Any, rank: Rank) -> Truth:
    """The same for a Json column: ``found`` is None without a value, or a wrapped one."""
    operators = given if isinstance(given, dict) else {"equals": given}
    value = _MISSING if found is None else found.data
    words = [(word, inner) for word, inner in operators.items() if word != "path"]
    if "path" in operators:
        for step in operators["path"]:
            value = _stepped(value, step)
        if not words:
            return value is not _MISSING
    return conjunction(_json_operator(value, word, inner, rank) for word, inner in words)


def _scalar(found: Any, operators: dict[str, Any], rank: Rank, fold: Callable[[str], str]) -> Truth:
    return conjunction(
        _operator(found, word, value, rank, fold) for word, value in operators.items() if word != "mode"
    )


def _operator(found: Any, word: str, given: Any, rank: Rank, fold: Callable[[str], str]) -> Truth:
    if word == "not" and isinstance(given, dict):
        # ``mode`` holds for what is inside as well, unless that has one of its own.
        inner = str.lower if given.get("mode") == "insensitive" else fold
        return conjunction(
            inverted(_operator(found, each, value, rank, inner))
            for each, value in given.items()
            if each != "mode"
        )
    if given is None:
        return (found is None) == (word == "equals")
    if word in ("in", "not_in"):
        listed = _listed(found, given, fold)
        return listed if word == "in" else inverted(listed)
    if word == "search":
        # As in Prisma's own clients, a missing text is searched like an empty one.
        return _matches(found or "", given)
    if found is None:
        return None
    if isinstance(found, str) and isinstance(given, str):
        found, given = fold(found), fold(given)
    if word in _TEXT:
        return _TEXT[word](found, given)
    if isinstance(found, str) and word not in ("equals", "not"):
        found, given = rank(found), rank(given)
    return _COMPARISONS[word](found, given)


def _listed(found: Any, given: list[Any], fold: Callable[[str], str]) -> Truth:
    if not given:
        return False
    if found is None:
        return None
    folded = [fold(value) if isinstance(value, str) else value for value in [found, *given]]
    return bool(folded[0] in folded[1:])


def _matches(text: str, search: str) -> bool:
    """Full-text search for words between ``&``, each of which ``!`` may stand before."""
    words = text.lower().split()
    return all((term.strip(" !") in words) != ("!" in term) for term in search.split("&"))


def _list_operator(found: list[Any] | None, word: str, given: Any) -> Truth:
    if given is None:
        return found is None
    if found is None:
        return None
    items, wanted = [_plain(item) for item in found], given
    if word == "is_empty":
        return (not items) == bool(given)
    if word == "has":
        return _plain(given) in items
    wanted = [_plain(item) for item in given]
    if word == "equals":
        return items == wanted
    held = [item in items for item in wanted]
    return all(held) if word == "has_every" else any(held)


def _plain(item: Any) -> Any:
    return _tagged(item.data) if hasattr(item, "data") else item


def _stepped(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step), _MISSING)
    if isinstance(value, list):
        try:
            return value[int(step)]
        except (ValueError, IndexError):
            return _MISSING
    return _MISSING


def _json_operator(value: Any, word: str, given: Any, rank: Rank) -> Truth:
    if given is None:
        return (value is _MISSING) == (word == "equals")
    if isinstance(given, dict):
        return conjunction(inverted(_json_operator(value, *pair, rank)) for pair in given.items())
    if value is _MISSING:
        return None
    if word in _JSON_TEXT:
        return isinstance(value, str) and _TEXT[_JSON_TEXT[word]](value, given)
    if word in ("array_starts_with", "array_ends_with"):
        if not isinstance(value, list):
            return False
        end = 0 if word == "array_starts_with" else -1
        return _tagged(value[end]) == _tagged(given.data) if value else None
    if word == "array_contains":
        return isinstance(value, list) and _contains(value, given.data, is_outermost=True)
    mine, other = _tagged(value), _tagged(given.data)
    if word in ("equals", "not"):
        return bool((mine == other) == (word == "equals"))
    if mine[0] != other[0]:
        return False
    if mine[0] == "text":
        return _COMPARISONS[word](rank(mine[1]), rank(other[1]))
    return _COMPARISONS[word](mine[1], other[1])


def _tagged(value: Any) -> Any:
    """A JSON value that equals another as in jsonb: 1 is 1.0, but not true."""
    if isinstance(value, list):
        return ("list", [_tagged(item) for item in value])
    if isinstance(value, dict):
        return ("dict", {key: _tagged(item) for key, item in value.items()})
    kind = "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    return ("null", 0) if value is None else (kind, value)


def _contains(value: Any, given: Any, *, is_outermost: bool = False) -> bool:
    """jsonb's ``@>``: https://www.postgresql.org/docs/current/datatype-json.html#JSON-CONTAINMENT."""
    if isinstance(value, list) and isinstance(given, list):
        return all(any(_contains(mine, item) for mine in value) for item in given)
    if isinstance(value, list):
        return (
            is_outermost
            and not isinstance(given, dict)
            and any(_tagged(mine) == _tagged(given) for mine in value)
        )
    if isinstance(value, dict) and isinstance(given, dict):
        return all(key in value and _contains(value[key], item) for key, item in given.items())
    return bool(_tagged(value) == _tagged(given))


_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_JSON_TEXT = {
    "string_contains": "contains",
    "string_starts_with": "startswith",
    "string_ends_with": "endswith",
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda mine, other: bool(mine == other),
    "not": lambda mine, other: bool(mine != other),
    "lt": lambda mine, other: bool(mine < other),
    "lte": lambda mine, other: bool(mine <= other),
    "gt": lambda mine, other: bool(mine > other),
    "gte": lambda mine, other: bool(mine >= other),
}
