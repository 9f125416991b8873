"""``token``: who may write over the API."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from schemas.errors import Problem

from ....catalogue.access import SCOPES, Scope
from ....catalogue.opening import open_catalogue
from ....errors import UsageError
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace
from .writer import command_line_writer

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The token's name: who or what has it.")]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")

app = typer.Typer(
    help="Tokens that let programs write over the API.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("create")
def create(
    name: NameArgument,
    scope: Annotated[
        Scope, typer.Option("--scope", help="What it permits; each permits reading, and admin all.")
    ],
    expires: Annotated[
        int | None,
        typer.Option(
            "--expires", metavar="DAYS", help="How long it is valid.", min=1, max=3650, show_default=False
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a token, and print it: it can't be shown again."""
    if not _NAME.fullmatch(name):
        raise UsageError(_wrong_name())
    workspace, settings = current_workspace()
    until = datetime.now(UTC) + timedelta(days=expires) if expires is not None else None
    with open_catalogue(workspace, settings) as catalogue:
        text = catalogue.access.create(name, scope, expires_at=until, by=command_line_writer())
    if as_json:
        shown = until.isoformat() if until else None
        emit_json({"ok": True, "name": name, "scope": scope, "expires_at": shown, "token": text})
        return
    say(text)
    say("Keep it now: it is not shown again. Send it as: Authorization: Bearer TOKEN", on_stderr=True)


@app.command("list")
def list_tokens(as_json: JsonFlag = False) -> None:
    """List the tokens: scope, until when, last used."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        tokens = catalogue.access.tokens()
    if as_json:
        emit_json({"ok": True, "tokens": [_document(asdict(token)) for token in tokens]})
        return
    for token in tokens:
        revoked = "  revoked" if token.revoked_at else ""
        until = f"  until {_shown(token.expires_at)}" if token.expires_at else ""
        used = f"last used {_shown(token.last_used_at)}" if token.last_used_at else "never used"
        say(f"{token.name:<24} {token.scope:<8} {used}{until}{revoked}")
    if not tokens:
        say(f"There is no token: schema-service token create NAME --scope {'|'.join(SCOPES)}")


@app.command("revoke")
def revoke(name: NameArgument, as_json: JsonFlag = False) -> None:
    """Let nobody use a token any more."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings) as catalogue:
        catalogue.access.revoke(name, by=command_line_writer())
    if as_json:
        emit_json({"ok": True, "name": name})
        return
    say(f"{name} is revoked.")


@app.command("log")
def log(as_json: JsonFlag = False) -> None:
    """Show every write: who, what, from where."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        entries = catalogue.access.audit()
    if as_json:
        emit_json({"ok": True, "entries": [_document(asdict(entry)) for entry in entries]})
        return
    for entry in entries:
        say(f"{_shown(entry.at)}  {entry.who:<24} {entry.what}  ({entry.origin})")


def _document(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in facts.items()}


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _wrong_name() -> Problem:
    return Problem(
        code="wrong-usage",
        message="a token's name has letters, digits, dots, hyphens and underscores, at most 60",
        fix="name it after who or what has it, like ci-main",
    )
