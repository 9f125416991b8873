"""The errors that Prisma Client Python has for its engine. Of these only EngineConnectionError is raised."""

from __future__ import annotations

from .._runtime.public.errors import (
    AlreadyConnectedError,
    BinaryNotFoundError,
    EngineConnectionError,
    EngineError,
    EngineRequestError,
    MismatchedVersionsError,
    NotConnectedError,
    UnprocessableEntityError,
)

__all__ = [
    "AlreadyConnectedError",
    "BinaryNotFoundError",
    "EngineConnectionError",
    "EngineError",
    "EngineRequestError",
    "MismatchedVersionsError",
    "NotConnectedError",
    "UnprocessableEntityError",
]
