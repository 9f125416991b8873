"""What the two npm targets share: templates, TSDoc comments, entry points and the module formats.

Comments follow https://tsdoc.org: what could be read as a tag, an HTML element or the comment's end is
escaped, so that an editor shows what the schema's author wrote. Code spans are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from jinja2 import Environment

from .render import environment, printable_lines

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_MARKUP = re.compile(r"[\\{}<>@`]")
_DEPRECATED = re.compile(r"@deprecated(?=\s|$)")

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w/-]+)\.mjs";$', re.MULTILINE)
_REEXPORT = re.compile(r'^export \{([^}]*)\} from "\./([\w/-]+)\.mjs";$', re.MULTILINE)
_DECLARATION = re.compile(r"^export (const|function) ([A-Za-z_$][\w$]*)", re.MULTILINE)
_EMPTY = re.compile(r"^export \{\};\n", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b", re.MULTILINE)


@cache
def npm_templates(package: str) -> Environment:
    """The templates in ``<package>/templates`` with the filter ``tsdoc``."""
    templates = environment(package)
    templates.filters.update(tsdoc=tsdoc)
    return templates


def entry_points(modules: Iterable[str]) -> dict[str, object]:
    """``exports`` of package.json: modules in ``dist``, each in both formats. ``index`` is the package."""
    exports: dict[str, object] = {
        "." if module == "index" else f"./{module}": {
            condition: {"types": f"./dist/{module}.d.{letter}ts", "default": f"./dist/{module}.{letter}js"}
            for condition, letter in (("import", "m"), ("require", "c"))
        }
        for module in modules
    }
    return {**exports, "./package.json": "./package.json"}


def tsdoc(text: str | None, indent: int = 0) -> str:
    """A doc comment and its line end, ``indent`` spaces in; nothing for an empty text.

    ``@deprecated`` at the start of a line stays a tag, because editors strike through such names; every other
    ``@`` is text.
    """
    lines = [_escaped(line) for line in printable_lines(text or "")]
    if not any(lines):
        return ""
    pad = " " * indent
    if len(lines) == 1:
        return f"{pad}/** {lines[0]} */\n"
    body = "".join(f"{pad} * {line}".rstrip() + "\n" for line in lines)
    return f"{pad}/**\n{body}{pad} */\n"


def to_commonjs(module: str) -> str:
    """The same module for ``require``.

    Takes the plain subset of ESM that our own modules use, each statement on lines of its own: named
    imports and re-exports of ``./x.mjs``, ``export const`` and ``export function``. Raises ValueError for
    any other import or export.
    """
    body = _IMPORT.sub(r'const \1 = require("./\2.cjs");', module)
    body = _REEXPORT.sub(_required, body)
    names = [match[2] for match in _DECLARATION.finditer(body)]
    body = _EMPTY.sub("", _DECLARATION.sub(r"\1 \2", body))
    if _OTHER.search(body):
        raise ValueError("the module has an import or export that this conversion does not know")
    return '"use strict";\n' + body + "".join(f"exports.{name} = {name};\n" for name in names)


def _required(match: re.Match[str]) -> str:
    names = [name.strip() for name in match[1].split(",") if name.strip()]
    return "\n".join(f'exports.{name} = require("./{match[2]}.cjs").{name};' for name in names)


def _escaped(line: str) -> str:
    kept = _DEPRECATED.match(line)
    start = kept.end() if kept else 0
    parts = [line[:start]]
    for span in _CODE_SPAN.finditer(line, start):
        parts += [_MARKUP.sub(r"\\\g<0>", line[start : span.start()]), span[0]]
        start = span.end()
    parts.append(_MARKUP.sub(r"\\\g<0>", line[start:]))
    return "".join(parts).replace("*/", "*\\/")
