"""``demo``: the whole job on real servers, and at the end the lines to use."""

from __future__ import annotations

import time

import typer

from ..demo.demo import Outcome, play
from ..demo.stage import Stage
from ..install_lines import docker_lines, install_lines, language_title
from .output import console, visible
from .progress import Progress


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo() -> None:
    """Publish the sample's three versions to real servers on this machine, and consume them."""
    began = time.monotonic()
    with Progress(live=True) as progress:
        outcome = play(Stage(heading=_heading, line=_line, observer=progress.observe))
    _show_lines(outcome)
    console.print(f"\nDone in {time.monotonic() - began:.0f} s; nothing is left running.")


def _heading(text: str) -> None:
    console.print(f"\n[bold]{visible(text)}[/]")


def _line(text: str) -> None:
    console.print(f"  {visible(text)}")


def _show_lines(outcome: Outcome) -> None:
    console.print("\n[bold]What services paste[/]")
    for artifact in outcome.newest.artifacts:
        title = f"{language_title(artifact.language)}:"
        _line(f"{title:<17} {install_lines(artifact, outcome.settings).commands[0]}")
    console.print("\n[bold]The image of a Postgres init container[/]")
    for line in docker_lines(outcome.newest.artifact("migrations"), outcome.settings):
        _line(line)
