"""The name of the tool's own folder in a workspace, for those that import nothing else."""

from __future__ import annotations

#: The tool's own files: state, locks. Never in git.
PRIVATE_FOLDER = ".schema-service"
