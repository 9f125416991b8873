"""The errors of generating and packing."""

from __future__ import annotations

from schemas.errors import ServiceError


class GeneratorsError(ServiceError):
    """A package can't be generated or packed.

    ::

        GeneratorsError
        └── PackingError         a file tree that can't be a wheel or a tarball
    """


class PackingError(GeneratorsError):
    """A file tree or its metadata can't be packed."""
