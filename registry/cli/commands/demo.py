"""``demo``: everything on real servers, and the install commands at the end."""

from __future__ import annotations

import time
from typing import Any

from ...consumers.install_commands import docker_lines, install_lines, language_title
from ...demo.demo import Outcome, run_demo
from ...demo.output import Output
from ..output import JsonFlag, emit_json, say
from ..progress import Progress


def demo(as_json: JsonFlag = False) -> None:
    """Publish the sample's three versions to real servers on this machine, and consume them.

    Starts devpi, Verdaccio and Postgres in a throw-away folder, and leaves no process and no file behind.
    With --json, one document is printed at the end.
    """
    began = time.monotonic()
    sections: list[dict[str, Any]] = []

    def heading(title: str) -> None:
        sections.append({"title": title, "lines": []})

    def line(text: str) -> None:
        sections[-1]["lines"].append(text)

    with Progress(live=not as_json) as progress:
        output = (
            Output(heading=heading, line=line, observer=progress.observe)
            if as_json
            else Output(heading=_heading, line=_line, observer=progress.observe)
        )
        outcome = run_demo(output)
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        emit_json({"ok": True, "seconds": seconds, "acts": sections, **_install_lines(outcome)})
        return
    _show_install_lines(outcome)
    say()
    say(f"Done in {seconds:.0f} s; nothing is left running.")


def _heading(text: str) -> None:
    say()
    say((text, "bold"))


def _line(text: str) -> None:
    say(f"  {text}")


def _install_lines(outcome: Outcome) -> dict[str, Any]:
    artifacts, settings = outcome.newest.artifacts, outcome.settings
    return {
        "version": str(outcome.newest.version),
        "install": {each.language: install_lines(each, settings).commands[0] for each in artifacts},
        "dockerfile": list(docker_lines(outcome.newest.artifact("migrations"), settings)),
    }


def _show_install_lines(outcome: Outcome) -> None:
    lines = _install_lines(outcome)
    _heading("Install commands for services")
    for artifact in outcome.newest.artifacts:
        title = f"{language_title(artifact.language)}:"
        _line(f"{title:<17} {lines['install'][artifact.language]}")
    _heading("Dockerfile of a Postgres init container")
    for line in lines["dockerfile"]:
        _line(line)
