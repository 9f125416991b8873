"""The changes that only affect the Python client, and what they break."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..model import Model
from ..prisma.python_extensions import instance_name
from .change import Change

_LONGEST = 60


def attribute_changes(before: Model, after: Model) -> Iterator[Change]:
    """A change of the model's attribute on the client (``db.user``), unless the model itself was renamed."""
    was, now = _attribute(before), _attribute(after)
    if before.name == after.name and was != now:
        text = f"{after.name} was {_short(was)} on the Python client and is {_short(now)}"
        yield Change("renamed", "attribute", after.name, "breaking", text)


def _attribute(model: Model) -> str:
    return instance_name(model.documentation) or model.name.lower()


def _short(text: str) -> str:
    """The author's text, which need not be a valid name, on one line and in ASCII."""
    return json.dumps(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
