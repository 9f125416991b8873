"""Lets the ordinary role that owns scratch databases create the extensions which the embedded Postgres has.

A role that is no superuser may create an extension only if its control file says ``trusted``. The shipped
ones don't, though in production an administrator may well have created them; so a scratch server reads copies
that do. Source: the Postgres manual, "Packaging Related Objects into an Extension" and
``extension_control_path`` (Postgres 18).
"""

from __future__ import annotations

from pathlib import Path


def trust_shipped_extensions(binaries: Path, folder: Path) -> dict[str, str]:
    """Write the copies below ``folder``; returns the server settings that make Postgres read them."""
    copies = folder / "extension"
    copies.mkdir()
    copies.chmod(0o755)  # whatever the umask: started by root, the server reads them as somebody else
    for control in sorted((binaries.parent / "share").rglob("*.control")):
        text = control.read_text()
        copy = copies / control.name
        copy.write_text(f"{text}\ntrusted = true\ndirectory = {_quoted(control.parent)}\n")
        copy.chmod(0o644)
    return {"extension_control_path": f"{folder}:$system"}


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
