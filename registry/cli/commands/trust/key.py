"""``key``: the keys that sign releases."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from platformdirs import user_config_path

from schemas.errors import Problem
from schemas.workspace.workspace import Workspace

from ....catalogue.facts.trust import PublicKey
from ....catalogue.opening import open_catalogue
from ....config.settings import Settings
from ....errors import SigningKeyError, UsageError
from ....trust.private_key import keep_in_keyring, write_private_half
from ....trust.public_keys import KEYS_FILE, add_public_key, read_public_keys
from ....trust.signing import new_key
from ...output import JsonFlag, emit_json, say
from ...session import current_workspace

FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="PATH",
        help="Where to write the private half: a new file outside of the workspace.",
        show_default=False,
    ),
]
KeyringOption = Annotated[
    str | None,
    typer.Option("--keyring", metavar="SERVICE", help="Keep the private half in the keyring instead."),
]

app = typer.Typer(
    help="The keys that sign releases.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


@app.command("new")
def new(file: FileOption = None, keyring: KeyringOption = None, as_json: JsonFlag = False) -> None:
    """Make the first key. From then on releases are signed, and can't be published without it.

    The public half goes to signing-keys.json, to be committed; the private half to a file that
    only you can read, or to the keyring.
    """
    workspace, settings = current_workspace()
    if read_public_keys(workspace.root).current is not None:
        raise SigningKeyError(_has_a_key())
    _make(workspace, settings, file, keyring, as_json)


@app.command("rotate")
def rotate(file: FileOption = None, keyring: KeyringOption = None, as_json: JsonFlag = False) -> None:
    """Replace the key by a new one. What the old one signed stays valid: its public half remains,
    with the time until which it was in use.
    """
    workspace, settings = current_workspace()
    if read_public_keys(workspace.root).current is None:
        raise SigningKeyError(_has_no_key())
    _make(workspace, settings, file, keyring, as_json)


@app.command("list")
def list_keys(as_json: JsonFlag = False) -> None:
    """List the public keys: which is current, and when the others were in use."""
    workspace, _settings = current_workspace()
    keys = read_public_keys(workspace.root).keys
    if as_json:
        emit_json({"ok": True, "keys": [_document(key) for key in keys]})
        return
    for key in keys:
        until = f"until {key.retired_at.isoformat()}" if key.retired_at else "current"
        say(f"{key.keyid}  from {key.created_at.isoformat()}  {until}")
    if not keys:
        say("No keys: releases are unsigned. Make one: schema-service key new")


def _make(
    workspace: Workspace, settings: Settings, file: Path | None, keyring: str | None, as_json: bool
) -> None:
    if file is not None and keyring is not None:
        raise UsageError(_two_places())
    pem, key = new_key()
    if keyring is not None:
        keep_in_keyring(keyring, pem)
        setting, value = "key_keyring", keyring
    else:
        path = (file or _default_file(settings.name, key)).expanduser().absolute()
        write_private_half(workspace.root, path, pem)
        setting, value = "key_file", str(path)
    keys = add_public_key(workspace.root, key)
    with open_catalogue(workspace, settings) as catalogue:
        catalogue.trust.keep_keys(keys.keys)
    variable = f"SCHEMA_SERVICE_TRUST__{setting.upper()}"
    if as_json:
        document = {"ok": True, "key": _document(key), "private": {setting: value}, "keys_file": KEYS_FILE}
        emit_json(document)
        return
    say(f"Made the key {key.keyid}")
    say(f"Its public half is in {KEYS_FILE}: commit that file.")
    say(f"Its private half is in {'the keyring' if keyring else value}: keep a copy in a safe place.")
    say(f"To sign with it: export {variable}={value}")
    say(f'or write {setting} = "{value}" under [trust] in schema-service.toml.')


def _default_file(schema_name: str, key: PublicKey) -> Path:
    """One file for each key, in the user's own folder of settings."""
    name = "".join(c for c in schema_name if c.isalnum() or c in "-_")
    short = "".join(c for c in key.keyid.partition(":")[2] if c.isalnum())[:10]
    return user_config_path("schema-service") / "keys" / f"{name}-{short}.pem"


def _document(key: PublicKey) -> dict[str, Any]:
    values = asdict(key)
    values["created_at"] = key.created_at.isoformat()
    values["retired_at"] = key.retired_at.isoformat() if key.retired_at else None
    return {**values, "current": key.retired_at is None}


def _has_a_key() -> Problem:
    return Problem(
        code="signing-key-exists",
        message=f"{KEYS_FILE} has a current key already",
        fix="replace it with: schema-service key rotate",
    )


def _has_no_key() -> Problem:
    return Problem(
        code="signing-key-missing",
        message=f"{KEYS_FILE} has no current key to replace",
        fix="make the first one: schema-service key new",
    )


def _two_places() -> Problem:
    return Problem(
        code="conflicting-options",
        message="--file and --keyring name two places for one private key",
        fix="use one of the two",
    )
