"""The pages of docs/problems as the service has them: what each code means, with examples."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from html import escape

from schemas.errors import Problem
from schemas.problem_code import ProblemCode

from ...errors import NotPublishedError
from ...problem_pages import PAGES, shown_example

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}}
pre{{overflow:auto;padding:1rem;border:1px solid;white-space:pre-wrap}}</style></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""


@cache
def index_page() -> str:
    """All codes, by what they are about."""
    parts = []
    for _, title, _, codes in PAGES:
        rows = [
            f'<dt><a href="problems/{escape(each.code)}"><code>{escape(each.code)}</code></a></dt>'
            f"<dd>{escape(each.meaning)}</dd>"
            for each in sorted(codes, key=lambda each: each.code)
        ]
        parts += [f"<h2>{escape(title)}</h2>", "<dl>", *rows, "</dl>"]
    return _PAGE.format(title="Problems by code", body="\n".join(parts))


def problem_page(code: str) -> str:
    """One code. Raises NotPublishedError for one that no problem has."""
    found = next((each for *_, codes in PAGES for each in codes if _is(code, each)), None)
    if found is None:
        raise NotPublishedError(_unknown(code))
    examples = "\n".join(shown_example(found.code, each) for each in found.examples)
    body = (
        f"<p>{escape(found.meaning)}</p>\n<pre>{escape(examples)}</pre>\n"
        '<p><a href="../problems">All codes</a></p>'
    )
    return _PAGE.format(title=escape(code), body=body)


def _is(code: str, declared: ProblemCode) -> bool:
    return fnmatchcase(code, declared.code)


def _unknown(code: str) -> Problem:
    return Problem(
        code="no-such-problem",
        message=f"no problem has the code {code[:80]!r}",
        fix="/problems lists all codes; a newer service may have others",
    )
