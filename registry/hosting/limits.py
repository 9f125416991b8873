"""Schemas and labels that tokens and trusted jobs are limited to: one that doesn't exist permits nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from schemas.errors import Problem

from ..catalogue.access import EVERY_SCHEMA
from ..databases.registered import labels_of, unknown_label
from .hosted import HostedSchema, unknown_schema


def limit_warnings(
    schemas: Sequence[HostedSchema], home: str, named: Collection[str], labels: Collection[str]
) -> Iterator[Problem]:
    """What doesn't exist of the schemas ``named`` (none: ``home``) and of the ``labels`` of databases.

    Warnings: a label may be given to a database later, and a schema be one of another service.
    """
    known = {each.name: each.settings for each in schemas}
    for name in named:
        if name not in known and name != EVERY_SCHEMA:
            yield replace(unknown_schema(name, list(known)), severity="warning")
    chosen = set(named) or {home}
    if not chosen <= {*known, EVERY_SCHEMA}:
        return  # who knows which databases that one has
    there = {
        label
        for name, settings in known.items()
        if name in chosen or EVERY_SCHEMA in chosen
        for label in labels_of(settings)
    }
    for label in labels:
        if label not in there:
            yield replace(unknown_label(label, there), severity="warning")
