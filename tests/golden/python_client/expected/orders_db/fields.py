"""Values that plain Python types can't express."""

from __future__ import annotations

from ._runtime.public.fields import (
    Base64,
    BytesInput,
    DateTimeInput,
    DecimalInput,
    Json,
    JsonFieldInput,
    JsonInput,
)

__all__ = [
    "Base64",
    "BytesInput",
    "DateTimeInput",
    "DecimalInput",
    "Json",
    "JsonFieldInput",
    "JsonInput",
]
