"""``token``: who may use the API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from schemas.errors import Problem

from ....catalogue.access import Token
from ....catalogue.opening import open_catalogue
from ....config.scopes import SCOPES
from ....errors import UsageError
from ....hosting.limits import limit_warnings
from ...output import JsonFlag, emit_json, say, show_problem
from ...session import current_workspace, service_schemas
from .writer import command_line_writer

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The token's name: who or what has it.")]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")

app = typer.Typer(
    help="Tokens that let programs use the API.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("create")
def create(
    name: NameArgument,
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            metavar="|".join(SCOPES),
            help="What it permits; several times for more. Each includes read.",
        ),
    ],
    *,
    expires: Annotated[
        int | None,
        typer.Option(
            "--expires", metavar="DAYS", help="How long it is valid.", min=1, max=3650, show_default=False
        ),
    ] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option(
            "--schema", metavar="NAME", help="Only for these schemas; * for all. This one by default."
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="LABEL", help="Only for databases with one of these labels."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a token, and print it: it can't be shown again."""
    if not _NAME.fullmatch(name):
        raise UsageError(_wrong_name())
    scopes = [known for known in SCOPES if known in scope]
    if not set(scope) <= set(SCOPES):
        raise UsageError(_wrong_scope())
    workspace, settings = current_workspace()
    if schema or label:
        for problem in limit_warnings(service_schemas(), settings.name, schema or (), label or ()):
            show_problem(problem)
    until = datetime.now(UTC) + timedelta(days=expires) if expires is not None else None
    with open_catalogue(workspace, settings) as catalogue:
        text = catalogue.access.create(
            name,
            *scopes,
            expires_at=until,
            by=command_line_writer(),
            schemas=schema or (),
            labels=label or (),
        )
    if as_json:
        shown = until.isoformat() if until else None
        emit_json({"ok": True, "name": name, "scopes": scopes, "expires_at": shown, "token": text})
        return
    say(text)
    say("Keep it now: it is not shown again. Send it as: Authorization: Bearer TOKEN", on_stderr=True)


@app.command("list")
def list_tokens(as_json: JsonFlag = False) -> None:
    """List the tokens: scopes, until when, last used."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        tokens = catalogue.access.tokens()
    if as_json:
        emit_json({"ok": True, "tokens": [_document(asdict(token)) for token in tokens]})
        return
    for token in tokens:
        say(_line(token, settings.name))
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
def log(
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="How many to show.", min=1, max=10_000)
    ] = 100,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="ID", help="Only those before this one.", show_default=False),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show every write, newest first: who, what, from where."""
    workspace, settings = current_workspace()
    with open_catalogue(workspace, settings, to_read=True) as catalogue:
        found = catalogue.access.audit(limit + 1, before=before)
    entries, is_last = found[:limit], len(found) <= limit
    after = None if is_last else entries[-1].id
    if as_json:
        emit_json({"ok": True, "entries": [_document(asdict(entry)) for entry in entries], "next": after})
        return
    for entry in entries:
        say(f"{_shown(entry.at)}  {entry.who:<24} {entry.what}  ({entry.origin})")
    if after is not None:
        say(f"There are more: schema-service token log --before {after}", on_stderr=True)


def _line(token: Token, schema_name: str) -> str:
    parts = [f"{token.name:<24} {','.join(token.scopes):<16}"]
    parts.append(f"last used {_shown(token.last_used_at)}" if token.last_used_at else "never used")
    parts += [f"until {_shown(token.expires_at)}"] if token.expires_at else []
    parts += _limits("schemas", token.schemas if token.schemas != (schema_name,) else None)
    parts += _limits("labels", token.labels)
    return "  ".join([*parts, *["revoked"] * (token.revoked_at is not None)])


def _limits(what: str, names: Sequence[str] | None) -> list[str]:
    return [f"{what} {','.join(names)}"] if names is not None else []


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


def _wrong_scope() -> Problem:
    return Problem(
        code="wrong-usage",
        message=f"--scope is one of {', '.join(SCOPES)}",
        fix="give it several times for more than one: --scope publish --scope migrate",
    )
