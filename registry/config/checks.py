"""[checks]: what a release has looked at beyond what it always has."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ChecksTable(BaseModel):
    """What takes too long to be done for everyone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mypy: bool = Field(
        False,
        description="Whether `mypy --strict` checks the Python client before an upload, which takes seconds. "
        "It comes with the extra `mypy`.",
    )
