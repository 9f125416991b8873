"""The TypeScript compilers that the npm packages are for, as they were installed from the tests' locks."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from schemas.prisma.nodejs import node_executable
from schemas.prisma.toolchain import installed

COMPILERS = ("5.9", "6.0", "7.0")
_QUICK = Path(__file__).parent / "packages" / "bundlers" / "quick"


def tsc(version: str = "5.9") -> list[str]:
    """The command that runs the compiler of ``version``, one of :data:`COMPILERS`."""
    if version == "5.9":
        package = _modules(Path(str(resources.files("registry.local")))) / "typescript"
    else:
        package = _modules(_QUICK) / f"typescript-{version[0]}"
    assert json.loads((package / "package.json").read_text())["version"].startswith(version)
    return [str(node_executable()), str(package / "bin" / "tsc"), "--pretty", "false"]


def _modules(lock_folder: Path) -> Path:
    return installed(lock_folder) / "node_modules"
