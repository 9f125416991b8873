"""The audit log over HTTP, for tokens with the scope `admin`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from pydantic import BaseModel, Field

from ...catalogue import Catalogue
from ...catalogue.access import Writer
from ..authorisation import writer_with

LimitQuery = Annotated[int, Query(description="how many", ge=1, le=1000, examples=[100])]
BeforeQuery = Annotated[
    str | None,
    Query(
        description="only those before the one with this id: `next` of the last answer",
        max_length=40,
        examples=["5f0c4d3e2b1a49788f6e5d4c3b2a1908"],
    ),
]


class AuditDocument(BaseModel):
    id: str
    at: datetime
    who: str = Field(examples=["token ci-main"])
    what: str = Field(examples=["token revoke ci-old"])
    origin: str = Field(description="the client's address, or `command line`", examples=["10.0.0.7"])


class AuditList(BaseModel):
    entries: list[AuditDocument] = Field(description="newest first")
    next: str | None = Field(description="`before` of the next page; null for the last one")


def add_audit_log(app: FastAPI, catalogue: Catalogue) -> None:
    """Let ``app`` show who wrote what."""

    def audit(
        limit: LimitQuery = 100,
        before: BeforeQuery = None,
        _by: Writer = Depends(writer_with(catalogue, "admin")),  # noqa: B008 - how FastAPI is told
    ) -> AuditList:
        """Every write, newest first: who, what, from where. Needs the scope `admin`."""
        found = catalogue.access.audit(limit + 1, before=before)
        shown = [
            AuditDocument(id=each.id, at=each.at, who=each.who, what=each.what, origin=each.origin)
            for each in found[:limit]
        ]
        return AuditList(entries=shown, next=shown[-1].id if len(found) > limit else None)

    app.get("/audit", tags=["service"])(audit)
