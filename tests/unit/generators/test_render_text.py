"""Text of any kind inside generated Python stays text."""

from __future__ import annotations

import ast
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from generators.rendering.render import (
    environment,
    markdown,
    printable_lines,
    python_docstring,
    python_string,
    python_tuples,
    typescript_string,
    visible,
)

_AWKWARD = st.text(
    st.one_of(
        st.sampled_from(
            "\"'\\\n\r\t\0 {}%$#`*/u{N\u2028\u2029\u202e\u2066\u200f\ufeff\x85\x0c\u200d\ud800\U000e0041"
        ),
        st.characters(),
    ),
    max_size=40,
)


@given(_AWKWARD, st.sampled_from([0, 4, 8]))
def test_a_docstring_is_only_ever_a_docstring(text: str, indent: int) -> None:
    literal = python_docstring(text, indent)
    source = f"if 1:\n{' ' * indent}{literal}\n" if indent else literal
    module = ast.parse(source)
    [node] = [node for node in ast.walk(module) if isinstance(node, ast.Expr)]
    value = ast.literal_eval(node.value)
    assert [line.strip() for line in value.strip().split("\n")] == [
        line.strip() for line in printable_lines(text)
    ]
    source.encode()
    assert all(char == "\n" or _is_seen(char) for char in source)


@given(_AWKWARD)
def test_a_string_literal_is_that_string(text: str) -> None:
    literal = python_string(text)
    assert ast.literal_eval(literal) == text
    assert literal.encode().isascii() or all(_is_seen(char) for char in literal)
    assert "\n" not in literal
    assert "\n" not in typescript_string(text)


@given(st.lists(st.lists(_AWKWARD, max_size=3), max_size=3))
def test_tuples_are_those_tuples(rows: list[list[str]]) -> None:
    assert ast.literal_eval(python_tuples(rows)) == tuple(tuple(row) for row in rows)


def test_what_a_reader_would_not_see_is_written_out() -> None:
    assert (
        visible("a\u202eb\u2028c\x1b\ufeff\U000e0041\r\nd") == "a\\u202eb\\u2028c\\u001b\\ufeff\\u{e0041}\nd"
    )
    assert visible("\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645") == (
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )
    assert markdown("<b>*x*</b>\n# y \u202e") == "\\<b\\>\\*x\\*\\</b\\> \\# y \\\\u202e"


def test_a_template_names_only_what_it_is_given() -> None:
    template = environment("generators.python_client").from_string("{{ unknown }}")
    with pytest.raises(UndefinedError):
        template.render()


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in "\u200c\u200d"
