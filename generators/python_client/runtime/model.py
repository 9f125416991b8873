"""The base of every generated model."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    """One row. It is an ordinary pydantic model, so it validates and serialises like any other.

    Building its validator waits for the first use, so importing many models stays cheap; rows that come from
    the database never need it.
    """

    model_config = ConfigDict(defer_build=True, populate_by_name=True)
