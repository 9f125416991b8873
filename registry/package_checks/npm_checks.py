"""publint and Are the types wrong, in a Node process that has them loaded."""

from __future__ import annotations

import base64
from pathlib import Path

from generators.target import Artifact
from schemas.errors import BridgeError, Problem
from schemas.prisma.toolchain import installed
from schemas.prisma.worker import EngineError
from schemas.prisma.worker_process import SharedEngine, WorkerProgram, shared_worker

from .refusals import could_not_look, refused

_HERE = Path(__file__).parent
_SECONDS = 120.0


class NpmChecks(SharedEngine):
    """One long-lived process, started by the first call and shared by all threads.

    ``shared_in`` and ``offered_in`` are folders, as for the Prisma bridge.
    """

    def __init__(self, *, shared_in: Path | None = None, offered_in: Path | None = None) -> None:
        program = WorkerProgram("package-checks", _HERE / "engine.mjs", checkers_folder)
        super().__init__(shared_worker(program, shared_in=shared_in, offered_in=offered_in))

    def problems(self, artifact: Artifact) -> list[Problem]:
        """What both tools say of a tarball. A tool that fails has a problem, too."""
        tarball = base64.b64encode(artifact.content).decode()
        try:
            found = self._worker.call("check", {"tarball": tarball}, timeout_seconds=_SECONDS)
        except (EngineError, BridgeError) as error:
            return [could_not_look(artifact, "publint or attw", str(error))]
        return [refused(artifact, each["tool"], each["message"], file=each["file"]) for each in found]


def checkers_folder() -> Path:
    """Where the checkers are installed, TypeScript among them. Raises ToolchainError."""
    return installed(_HERE) / "node_modules"
