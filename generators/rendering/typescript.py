"""What the two npm targets share: templates, TSDoc comments, entry points and the module formats.

Comments follow https://tsdoc.org: what could be read as a tag, an HTML element or the comment's end is
escaped, so that an editor shows what the schema's author wrote. Code spans are left as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache

from jinja2 import Environment

from .render import environment, printable_lines, typescript_string

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_MARKUP = re.compile(r"[\\{}<>@`]")
_DEPRECATED = re.compile(r"@deprecated(?=\s|$)")

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_LABEL_LENGTH = 60

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w/-]+)\.mjs";$', re.MULTILINE)
_PACKAGE = re.compile(r'^import (\{[^}]*\}) from "([a-z][\w/-]*)";$', re.MULTILINE)
_NAMESPACE = re.compile(r'^import \* as ([\w$]+) from "\./([\w/-]+)\.mjs";$', re.MULTILINE)
_REEXPORT = re.compile(r'^export \{([^}]*)\} from "\./([\w/-]+)\.mjs";$', re.MULTILINE)
_CONSTANT = re.compile(r"^export const ([A-Za-z_$][\w$]*) =", re.MULTILINE)
_FUNCTION = re.compile(r"^export function ([A-Za-z_$][\w$]*)", re.MULTILINE)
_EMPTY = re.compile(r"^export \{\};\n", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://.*|/\*\*(?s:.*?)\*/)\n", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b", re.MULTILINE)


@cache
def npm_templates(package: str) -> Environment:
    """The templates in ``<package>/templates`` with the filters ``tsdoc`` and ``typescript_literal``."""
    templates = environment(package)
    templates.filters.update(tsdoc=tsdoc, typescript_literal=typescript_literal)
    return templates


def entry_points(modules: Iterable[str], declarations: str = "dist") -> dict[str, object]:
    """``exports`` of package.json: modules in ``dist``, each in both formats; their types are in the folder
    ``declarations``. ``index`` is the package."""
    exports: dict[str, object] = {
        "." if module == "index" else f"./{module}": {
            condition: {
                "types": f"./{declarations}/{module}.d.{letter}ts",
                "default": f"./dist/{module}.{letter}js",
            }
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


def typescript_literal(value: object) -> str:
    """A literal of TypeScript (and of JavaScript) for what JSON can hold; the text in it may be anyone's."""
    if isinstance(value, str):
        return typescript_string(value)
    if isinstance(value, Mapping):
        members = (f"{_member_name(name)}: {typescript_literal(member)}" for name, member in value.items())
        return f"{{ {', '.join(members)} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(typescript_literal, value))}]"
    return json.dumps(value, allow_nan=False)


def described(documentation: str | None) -> dict[str, str | bool]:
    """What a comment of the schema has to show of what it is written on: ``label`` and ``description``.

    The label is the comment's first line without its full stop, if that is short. ``isDeprecated`` is there
    where a line of the comment begins with ``@deprecated``; such lines aren't shown.
    """
    lines = printable_lines(documentation or "")
    shown = "\n".join(line for line in lines if not _DEPRECATED.match(line)).strip()
    first, _, rest = shown.partition("\n")
    is_label = 0 < len(first) <= _LABEL_LENGTH
    description = rest.strip() if is_label else shown
    return {
        **({"label": first.removesuffix(".")} if is_label else {}),
        **({"description": description} if description else {}),
        **({"isDeprecated": True} if any(map(_DEPRECATED.match, lines)) else {}),
    }


def _member_name(name: str) -> str:
    # In a literal `__proto__: x` sets the prototype; `["__proto__"]: x` is a member like others.
    if name == "__proto__":
        return '["__proto__"]'
    return name if _IDENTIFIER.fullmatch(name) else typescript_string(name)


def without_comments(module: str) -> str:
    """A module without the comments that have lines of their own: nobody reads them where it is installed."""
    return _COMMENT.sub("", module)


def to_commonjs(module: str) -> str:
    """The same module for ``require``.

    Takes the plain subset of ESM that our own modules use, each statement on lines of its own: imports of
    packages (named) and of ``./x.mjs`` (named, or ``* as x``), named re-exports, ``export const`` and
    ``export function``. Raises ValueError for any other import or export. Comments stay behind.
    """
    body = without_comments(module)
    body = _IMPORT.sub(r'const \1 = require("./\2.cjs");', body)
    body = _PACKAGE.sub(r'const \1 = require("\2");', body)
    body = _NAMESPACE.sub(r'const \1 = require("./\2.cjs");', body)
    body = _REEXPORT.sub(_required, body)
    functions = _FUNCTION.findall(body)
    body = _CONSTANT.sub(r"const \1 = exports.\1 =", _FUNCTION.sub(r"function \1", _EMPTY.sub("", body)))
    if _OTHER.search(body):
        raise ValueError("the module has an import or export that this conversion does not know")
    return '"use strict";\n' + body + "".join(f"exports.{name} = {name};\n" for name in functions)


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
