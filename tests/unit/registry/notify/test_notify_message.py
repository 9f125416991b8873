"""An announcement as people read it."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from registry.config.channels import Event
from registry.notify.message import message


def told(kind: str, **data: Any) -> str:
    payload = {"type": kind, "data": {"schema": "reviews", "version": "1.1.0", **data}}
    shown = message(json.dumps(payload))
    return f"{shown.title}\n{shown.text}"


@pytest.mark.parametrize("event", get_args(Event))
def test_each_event_has_a_title_with_its_version(event: str) -> None:
    assert "1.1.0" in told(event).split("\n")[0]
    assert event not in told(event)


def test_an_event_of_a_newer_tool_is_told_too() -> None:
    assert told("run.ended").startswith("reviews 1.1.0: run.ended")


def test_reasons_changes_and_packages_are_told() -> None:
    packages = [{"name": "@org/types", "version": "1.1.0", "sha256": "0" * 64}]
    text = told("release.published", changelog="# 1.1.0\n\n- Stars are ratings\n", packages=packages)
    assert "- Stars are ratings" in text
    assert "types 1.1.0" in text
    assert "loses rows" in told("release.withdrawn", reason="loses rows")


@pytest.mark.parametrize("text", ["@everyone", "@channel", "<!here>", "<@U12345>", "\x1b[2J", "\u202e"])
def test_nobody_is_called_and_nothing_is_acted_upon(text: str) -> None:
    assert text not in told("release.published", description=f"a {text} b")
    assert text not in told("release.withdrawn", schema=f"a {text} b")


def test_a_long_text_is_cut() -> None:
    assert len(told("release.published", changelog="x" * 100_000)) < 2_000
