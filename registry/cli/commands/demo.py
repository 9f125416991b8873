"""``demo``: the whole job on real servers, and at the end the lines to use."""

from __future__ import annotations

import time
from typing import Any

from ...consumers.install_commands import docker_lines, install_lines, language_title
from ...demo.demo import Outcome, play
from ...demo.stage import Stage
from ..output import JsonFlag, emit_json, say
from ..progress import Progress


def demo(as_json: JsonFlag = False) -> None:
    """Publish the sample's three versions to real servers on this machine, and consume them.

    Starts devpi, Verdaccio and Postgres in a throw-away folder, and leaves nothing running and no file.
    With --json, one document is printed at the end.
    """
    began = time.monotonic()
    acts: list[dict[str, Any]] = []

    def heading(title: str) -> None:
        acts.append({"title": title, "lines": []})

    def line(text: str) -> None:
        acts[-1]["lines"].append(text)

    with Progress(live=not as_json) as progress:
        stage = (
            Stage(heading=heading, line=line, observer=progress.observe)
            if as_json
            else Stage(heading=_heading, line=_line, observer=progress.observe)
        )
        outcome = play(stage)
    seconds = round(time.monotonic() - began, 1)
    if as_json:
        emit_json({"ok": True, "seconds": seconds, "acts": acts, **_lines_to_paste(outcome)})
        return
    _show_lines(outcome)
    say()
    say(f"Done in {seconds:.0f} s; nothing is left running.")


def _heading(text: str) -> None:
    say()
    say((text, "bold"))


def _line(text: str) -> None:
    say(f"  {text}")


def _lines_to_paste(outcome: Outcome) -> dict[str, Any]:
    artifacts, settings = outcome.newest.artifacts, outcome.settings
    return {
        "version": str(outcome.newest.version),
        "install": {each.language: install_lines(each, settings).commands[0] for each in artifacts},
        "dockerfile": list(docker_lines(outcome.newest.artifact("migrations"), settings)),
    }


def _show_lines(outcome: Outcome) -> None:
    lines = _lines_to_paste(outcome)
    _heading("What services paste")
    for artifact in outcome.newest.artifacts:
        title = f"{language_title(artifact.language)}:"
        _line(f"{title:<17} {lines['install'][artifact.language]}")
    _heading("The image of a Postgres init container")
    for line in lines["dockerfile"]:
        _line(line)
