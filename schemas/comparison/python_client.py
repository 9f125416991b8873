"""What a schema says to its Python client alone, and whom a change of it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..model import Model
from ..prisma.python_extensions import instance_name
from .change import Change

_LONGEST = 60


def attribute_changes(before: Model, after: Model) -> Iterator[Change]:
    """What the model is called on the Python client (``db.user``); after a rename of it that is told."""
    was, now = _attribute(before), _attribute(after)
    if before.name == after.name and was != now:
        text = f"{after.name} was {_short(was)} on the Python client and is {_short(now)}"
        yield Change("renamed", "attribute", after.name, "breaking", text)


def _attribute(model: Model) -> str:
    return instance_name(model.documentation) or model.name.lower()


def _short(text: str) -> str:
    """What an author wrote, which may be no name at all, on one line and in ASCII."""
    return json.dumps(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
