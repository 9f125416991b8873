"""Prisma's generated client, checked and reduced to the files that a package ships.

The generator is pinned, and the package is built around the shape of its output. If an update changes that
shape, generating stops here rather than in a consumer's process.
"""

from __future__ import annotations

import re

from schemas.errors import BridgeError, Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge

from ..file_tree import FileTree
from ..rendering.render import visible

_PROGRAM = "index.js"
_DECLARATIONS = "index.d.ts"
_REQUIRED = re.compile(r"""\brequire\(['"]\./([^'"]+)['"]\)""")
_IMPORTED = re.compile(r"""^(?:import|export)\b[^;'"\n]*\bfrom ['"]\./([^'"]+)\.js['"]""", re.MULTILINE)
_CLIENT_VERSION = re.compile(r'^  "clientVersion": "([0-9.]+)",$', re.MULTILINE)
#: Characters that reorder or hide what a reader sees, and JavaScript's other line ends.
_NODE_MODULE = re.compile(r"\brequire\('(?:node:)?([a-z_/]+)'\)")
_UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def prisma_client(bridge: PrismaBridge, schema: Schema, text: str) -> FileTree:
    """The client's code and declarations with the runtime they need. Raises BridgeError if they are odd.

    ``text`` is the schema as Prisma's client shall know it: the same models and enums.
    """
    generated = bridge.generate_node_client(text)
    missing = [name for name in (_PROGRAM, _DECLARATIONS) if name not in generated]
    if missing:
        raise BridgeError(*(_unexpected(f"{name} is missing") for name in missing))
    files = FileTree(bridge.node_runtime()) | {
        _PROGRAM: _bundleable(_readable(generated[_PROGRAM].decode())),
        _DECLARATIONS: _readable(generated[_DECLARATIONS].decode()),
    }
    problems = [_unexpected(what) for what in (*_missing_exports(files, schema), *_missing_files(files))]
    if problems:
        raise BridgeError(*problems)
    return files


def prisma_version(files: FileTree) -> str:
    """The version of Prisma Client that the files belong to. Raises BridgeError if they don't say."""
    match = _CLIENT_VERSION.search(files[_PROGRAM].decode())
    if match is None:
        raise BridgeError(_unexpected("it doesn't name its client version"))
    return match[1]


def _readable(text: str) -> str:
    # The schema's own text stands in string literals and in comments only; ``\uXXXX`` is right in both.
    return _UNSEEN.sub(lambda match: visible(match[0]), text)


def _bundleable(text: str) -> str:
    """With Node's own modules as the runtime has them: what bundlers that make ES modules can't call."""
    return _NODE_MODULE.sub(r"process.getBuiltinModule('node:\1')", text)


def _missing_exports(files: FileTree, schema: Schema) -> list[str]:
    code, declarations = files[_PROGRAM].decode(), files[_DECLARATIONS].decode()
    expected = {
        _PROGRAM: [
            "exports.Prisma = Prisma\n",
            "exports.$Enums = {}\n",
            "exports.PrismaClient = PrismaClient\n",
            *(f"exports.{enum.name} = exports.$Enums.{enum.name} = {{\n" for enum in schema.enums),
        ],
        _DECLARATIONS: [
            "\nexport class PrismaClient<\n",
            "\nexport namespace Prisma {\n",
            *(["\nexport namespace $Enums {\n"] if schema.enums else []),
            *(f"\nexport const {enum.name}: typeof $Enums.{enum.name}\n" for enum in schema.enums),
            *(f"\nexport type {model.name} = " for model in schema.models),
        ],
    }
    texts = {_PROGRAM: code, _DECLARATIONS: declarations}
    return [
        f"its {name} has no {line.strip()!r}"
        for name, lines in expected.items()
        for line in lines
        if line not in texts[name]
    ]


def _missing_files(files: FileTree) -> list[str]:
    """What the code requires and the declarations import must be there: nothing is resolved at install."""
    needed = _REQUIRED.findall(files[_PROGRAM].decode())
    needed += [f"{name}.d.ts" for name in _IMPORTED.findall(files[_DECLARATIONS].decode())]
    return [f"it needs {name}, which the runtime does not have" for name in needed if name not in files]


def _unexpected(what: str) -> Problem:
    return Problem(
        code="unexpected-client",
        message=f"Prisma's generator wrote a Node client of an unexpected form: {what}",
        fix="use the pinned Prisma toolchain; if it is in use, report this with the schema",
    )
