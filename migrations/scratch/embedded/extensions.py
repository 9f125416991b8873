"""Lets the ordinary role that owns scratch databases create the extensions that the embedded Postgres has.

A role that is not a superuser can only create an extension whose control file says ``trusted``. The shipped
ones don't, but in production an administrator may have created them, so a scratch server reads copies that
do. Source: the Postgres manual, "Packaging Related Objects into an Extension" and ``extension_control_path``
(Postgres 18).
"""

from __future__ import annotations

from pathlib import Path


def trust_shipped_extensions(binaries: Path, folder: Path) -> dict[str, str]:
    """Write the copies to ``folder``; returns the server settings that make Postgres read them."""
    copies = folder / "extension"
    copies.mkdir()
    copies.chmod(0o755)  # whatever the umask is: started by root, the server reads them as another user
    for control in sorted((binaries.parent / "share").rglob("*.control")):
        text = control.read_text()
        copy = copies / control.name
        copy.write_text(f"{text}\ntrusted = true\ndirectory = {_quoted(control.parent)}\n")
        copy.chmod(0o644)
    return {"extension_control_path": f"{folder}:$system"}


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
