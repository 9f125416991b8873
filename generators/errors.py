"""The errors of generating and packing."""

from __future__ import annotations

from schemas.errors import ServiceError


class GeneratorsError(ServiceError):
    """A package can't be generated or packed.

    ::

        GeneratorsError
        ├── PackageNameError     a name in schema-service.toml that a registry or a language doesn't accept
        └── PackingError         a file tree that can't be a wheel or a tarball
    """


class PackageNameError(GeneratorsError):
    """A package or import name is not accepted by its registry or language."""


class PackingError(GeneratorsError):
    """A file tree or its metadata can't be packed."""
