"""[publishing]: where drafts come from that are named by a branch, a tag or a commit."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_PLAIN_PATH = r"^[A-Za-z0-9_][A-Za-z0-9._/-]*$"


class PublishingTable(BaseModel):
    """``checkout`` is a git repository on this machine, ``folder`` the workspace's in it (the repository
    itself by default), and ``fetch`` the remote that is asked first; None: only what is there already."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checkout: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A clone of the repository, which drafts are taken from."
    )
    folder: Annotated[str, Field(pattern=_PLAIN_PATH, max_length=200)] | None = Field(
        None, description="The workspace's folder in it; its top by default."
    )
    fetch: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)] | None = Field(
        None, description="The remote to fetch from first; none by default."
    )

    keep_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        90, description="How many days a draft that was sent is kept; what is published stays."
    )

    @model_validator(mode="after")
    def _is_of_a_checkout(self) -> Self:
        if (self.folder or self.fetch) and self.checkout is None:
            raise ValueError('folder and fetch are of a checkout: set checkout = "…"')
        return self

    @model_validator(mode="after")
    def _stays_inside(self) -> Self:
        if self.folder is not None and ".." in self.folder.split("/"):
            raise ValueError("folder has to be in the repository")
        return self
