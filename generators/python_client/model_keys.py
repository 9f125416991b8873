"""How clients address one row of a model."""

from __future__ import annotations

from schemas.model import Model


def model_keys(model: Model) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """How one row is addressed: the primary key, then the uniques. None for some views, and for a model that
    is unique by nothing but partial indexes."""
    keys = [model.primary_key] if model.primary_key else []
    named = {key.name: key.fields for key in (*keys, *model.uniques)}
    return tuple(named.items())
