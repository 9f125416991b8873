"""[artifacts]: where built packages and uploaded drafts are kept."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ..errors import SettingsError
from .addresses import checked_url


def _place(value: str) -> str:
    parts = urlsplit(value)
    is_bucket = parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    if not (is_bucket or is_folder) or parts.query or parts.fragment:
        raise ValueError("write it as s3://bucket/prefix or file:///folder, without credentials")
    return value


def _address(value: str) -> str:
    try:
        return checked_url(value)
    except SettingsError as error:
        raise ValueError(error.problems[0].message) from None


class ArtifactsTable(BaseModel):
    """``url`` is a bucket, or a folder that machines share; None: a folder in the workspace's private one.

    ``endpoint_url`` is where a server is that speaks S3 and isn't Amazon's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_place)] | None = Field(
        None,
        description="`s3://BUCKET/PREFIX` or `file:///FOLDER`, which machines share; a folder in the "
        "workspace's private one by default.",
    )
    endpoint_url: Annotated[str, AfterValidator(_address)] | None = Field(
        None, description="Where a server is that speaks S3; Amazon's by default."
    )
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] | None = Field(
        None, description="The bucket's region; `us-east-1` by default."
    )

    @property
    def is_folder(self) -> bool:
        return not (self.url or "").startswith("s3:")

    @model_validator(mode="after")
    def _is_of_a_bucket(self) -> Self:
        if (self.endpoint_url or self.region) and self.is_folder:
            raise ValueError('endpoint_url and region are for a bucket: set url = "s3://…"')
        return self
