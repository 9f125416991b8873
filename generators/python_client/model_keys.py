"""How clients address one row of a model."""

from __future__ import annotations

from schemas.model import Model


def model_keys(model: Model) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The keys that identify a row: the primary key, then the uniques. Empty for some views, and for a model
    whose only unique indexes are partial."""
    keys = [model.primary_key] if model.primary_key else []
    named = {key.name: key.fields for key in (*keys, *model.uniques)}
    return tuple(named.items())
