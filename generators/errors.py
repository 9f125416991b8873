"""What generating and packing can refuse."""

from __future__ import annotations

from schemas.errors import ServiceError


class GeneratorsError(ServiceError):
    """A package can't be generated or packed.

    ::

        GeneratorsError
        ├── PackageNameError     a name in schema-service.toml that a registry or language refuses
        └── PackingError         a file tree that no wheel or tarball can hold
    """


class PackageNameError(GeneratorsError):
    """A package or import name is not acceptable to its registry or language."""


class PackingError(GeneratorsError):
    """A file tree or its metadata can't be packed."""
