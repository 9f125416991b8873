"""Untrusted text in TSDoc, and the two module formats."""

from __future__ import annotations

import pytest

from generators.rendering.typescript import entry_points, to_commonjs, tsdoc


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        (None, ""),
        ("", ""),
        (" \n ", ""),
        ("plain", "/** plain */\n"),
        ("*/ evil() /*", "/** *\\/ evil() /* */\n"),
        ("`*/ evil() /*`", "/** `*\\/ evil() /*` */\n"),
        ("one\r\ntwo\rthree", "/**\n * one\n * two\n * three\n */\n"),
        ("one\u2028two", "/** one\\\\u2028two */\n"),
        ("x \u202e y", "/** x \\\\u202e y */\n"),
        ("{@link X} <b> a\\b", "/** \\{\\@link X\\} \\<b\\> a\\\\b */\n"),
        ("`{ a: 1 }` and `open {", "/** `{ a: 1 }` and \\`open \\{ */\n"),
        ("``a ` b`` {", "/** ``a ` b`` \\{ */\n"),
        ("@deprecated use {x}", "/** @deprecated use \\{x\\} */\n"),
        ("@deprecated", "/** @deprecated */\n"),
        ("@deprecatedness", "/** \\@deprecatedness */\n"),
        ("not @deprecated", "/** not \\@deprecated */\n"),
    ],
)
def test_a_comment_shows_its_text_and_nothing_else(text: str | None, comment: str) -> None:
    assert tsdoc(text) == comment


def test_a_comment_is_indented() -> None:
    assert tsdoc("one\n\ntwo", 2) == "  /**\n   * one\n   *\n   * two\n   */\n"


def test_a_module_becomes_commonjs() -> None:
    module = (
        "// A remark.\n"
        'import { a, b } from "./x.mjs";\n'
        'import * as g from "./z.mjs";\n'
        'import { h } from "library";\n'
        'export { c, d } from "./y.mjs";\n'
        "/**\n * Documentation.\n */\n"
        "export const e = a;\n"
        "export function f() {\n  return b;\n}\n"
    )
    assert to_commonjs(module) == (
        '"use strict";\n'
        'const { a, b } = require("./x.cjs");\n'
        'const g = require("./z.cjs");\n'
        'const { h } = require("library");\n'
        'exports.c = require("./y.cjs").c;\n'
        'exports.d = require("./y.cjs").d;\n'
        "const e = exports.e = a;\n"
        "function f() {\n  return b;\n}\n"
        "exports.f = f;\n"
    )
    assert to_commonjs("export {};\n") == '"use strict";\n'


@pytest.mark.parametrize(
    "statement",
    [
        "export default 1;",
        'import x from "./x.mjs";',
        'export * from "./x.mjs";',
        "export class X {}",
        'import "y";',
    ],
)
def test_a_form_without_a_commonjs_twin_is_refused(statement: str) -> None:
    with pytest.raises(ValueError, match="import or export"):
        to_commonjs(f"const a = 1;\n{statement}\n")


def test_entry_points_have_types_first_in_both_formats() -> None:
    exports = entry_points(["index", "json"])
    assert list(exports) == [".", "./json", "./package.json"]
    assert exports["./json"] == {
        "import": {"types": "./dist/json.d.mts", "default": "./dist/json.mjs"},
        "require": {"types": "./dist/json.d.cts", "default": "./dist/json.cjs"},
    }
    assert [list(entry) for entry in (exports["."]["import"], exports["."]["require"])] == [
        ["types", "default"]
    ] * 2  # type: ignore[index]
