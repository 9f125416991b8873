"""From a generated package to the file that a registry accepts, the same bytes on every build."""

from __future__ import annotations

from ..target import Artifact, Package
from .npm import pack_npm
from .wheel import pack_wheel


def pack(package: Package, *, with_sbom: bool = True) -> Artifact:
    """Pack a wheel or an npm tarball, with its bill of materials unless it is to equal one from before those.

    Nothing depends on the clock, the machine, the user or the locale: the bytes depend on the package and on
    the zlib that Python was built with; what is inside depends on the package alone.

    Raises PackingError with everything that is wrong with the tree or its manifest.
    """
    packer = pack_wheel if package.kind == "wheel" else pack_npm
    return packer(package, with_sbom=with_sbom)


__all__ = ["pack", "pack_npm", "pack_wheel"]
