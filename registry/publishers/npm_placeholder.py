"""The version that a new npm package gets before its first real one.

A registry makes the first version of a package `latest`, whatever tag it was uploaded with. So that an
unfinished first release is not what everybody installs, this version comes first: no range matches it, and
requiring it fails with the reason. It isn't deprecated: npm would take the highest version instead.
"""

from __future__ import annotations

import json

from generators.file_tree import FileTree
from generators.metadata import package_json
from generators.packing import pack
from generators.target import Artifact, Package

#: The lowest that the packer takes.
PLACEHOLDER_VERSION = "0.0.0-alpha.0"


def placeholder(name: str) -> Artifact:
    """The tarball, the same bytes each time."""
    manifest = {
        "name": name,
        "version": PLACEHOLDER_VERSION,
        "description": "Holds the name until the first release is complete",
        "main": "./index.cjs",
    }
    reason = f"the first release of {name} is not complete yet: install it again"
    files = {
        "package.json": package_json(manifest),
        "index.cjs": f"throw new Error({json.dumps(reason)})\n",
        "README.md": f"# {name}\n\n{manifest['description']}.\n",
    }
    package = Package(
        language="node", kind="npm", name=name, version=PLACEHOLDER_VERSION, files=FileTree(files)
    )
    return pack(package, with_sbom=False)
