"""The command's entry point: tries the fast path first, then the full command line."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def run(manifest: str, schema_name: str, digest: str, arguments: Sequence[str] | None = None) -> int:
    """Run the command line for the manifest.json at the path ``manifest``; return the exit code.

    ``schema_name`` and ``digest`` (``Manifest.digest_at`` of its version) are the manifest's own. They are
    passed so that the fast path does not have to read it.
    """
    from . import fast_path  # noqa: PLC0415

    given = sys.argv[1:] if arguments is None else list(arguments)
    if fast_path.is_done(given, schema_name, digest):
        return 0
    from pathlib import Path  # noqa: PLC0415 - not needed by the fast path

    from .api import Migrations  # noqa: PLC0415

    return Migrations(Path(manifest)).main(given)
