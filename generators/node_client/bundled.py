"""What the Node client carries: Prisma's packages, its query compiler, and this tool's own runtime."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from schemas.errors import BridgeError, Problem

from ..bundled import BundledComponent, embedded_component
from ..file_tree import FileTree

#: The texts of all licences, in what the bridge gives.
LICENCES = "LICENSES.runtime"
_COMPILER = "query_compiler_small_bg.wasm-base64.js"
_PACKAGE = re.compile(r"^(@?[a-z0-9][\w./-]*) (\d\S*) \(([^()\n]+)\)$", re.MULTILINE)
_CLIENT = "@prisma/client"


def bundled_components(prisma: FileTree, runtime: Mapping[str, str]) -> tuple[BundledComponent, ...]:
    """``prisma`` is its client with the licences of all that is bundled in it. Raises BridgeError if those
    don't name the client."""
    packages = [
        BundledComponent(name=name, version=version, licence=licence, ecosystem="npm")
        for name, version, licence in _PACKAGE.findall(prisma[LICENCES].decode())
    ]
    client = next((each for each in packages if each.name == _CLIENT), None)
    if client is None:
        raise BridgeError(
            Problem(
                code="unexpected-client",
                message=f"the licences of Prisma's runtime don't name {_CLIENT}",
                fix="use the pinned Prisma toolchain; if it is in use, report this with the schema",
            )
        )
    compiler = BundledComponent(
        name=_COMPILER,
        version=client.version,
        licence=client.licence,
        sha256=hashlib.sha256(prisma[_COMPILER]).hexdigest(),
    )
    return (*packages, compiler, embedded_component("schema-service-node-runtime", runtime))
