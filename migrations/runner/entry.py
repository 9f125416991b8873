"""Where the command begins: the start that finds nothing to do first, then the ordinary one."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def run(manifest: str, schema_name: str, digest: str, arguments: Sequence[str] | None = None) -> int:
    """Run the command line over the manifest.json at the path ``manifest``; returns the exit code.

    ``schema_name`` and ``digest`` (``Manifest.digest_at`` of its version) are the manifest's own, given so
    that it need not be read to find that there is nothing to do.
    """
    from . import fast_path  # noqa: PLC0415

    words = sys.argv[1:] if arguments is None else list(arguments)
    if fast_path.is_done(words, schema_name, digest):
        return 0
    from pathlib import Path  # noqa: PLC0415 - the ordinary start imports what it likes

    from .api import Migrations  # noqa: PLC0415

    return Migrations(Path(manifest)).main(words)
