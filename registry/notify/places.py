"""Addresses and secrets from where the settings say that they are."""

from __future__ import annotations

from schemas.errors import Problem

from ..config.channels import SecretPlace
from ..config.secret import Secret
from ..config.settings import FILE_NAME
from .channel import UnusableChannelError


def required(place: SecretPlace, setting: str) -> Secret:
    """What is at ``place``, which ``setting`` names. Raises UnusableChannelError where nothing is."""
    found = place.find()
    if found is None:
        missing = _unset if place.variable is not None else _not_in_keyring
        raise UnusableChannelError(missing(place, setting))
    return found


def _unset(place: SecretPlace, setting: str) -> Problem:
    return Problem(
        code="variable-not-set",
        message=f"{place}, which {setting} names, is not set",
        fix="put the channel's secret there, then run: schema-service deliveries --send",
        file=FILE_NAME,
    )


def _not_in_keyring(place: SecretPlace, setting: str) -> Problem:
    return Problem(
        code="keyring-entry-missing",
        message=f"{place}, which {setting} names, is not in it",
        fix="put the channel's secret there, then run: schema-service deliveries --send",
        file=FILE_NAME,
    )


def unusable(place: SecretPlace, why: str, fix: str) -> UnusableChannelError:
    """What is at ``place`` can't be used; ``why`` doesn't repeat it."""
    problem = Problem(code="invalid-channel", message=f"{place} {why}", fix=fix, file=FILE_NAME)
    return UnusableChannelError(problem)
