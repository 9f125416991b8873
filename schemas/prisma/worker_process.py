"""The Node processes that run worker.mjs with an engine, and where other processes of the user find them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from .nodejs import node_environment, node_executable
from .shared_address import shared_address
from .worker import NodeWorker

_WORKER = Path(__file__).parent / "worker.mjs"


@dataclass(frozen=True, slots=True)
class WorkerProgram:
    """``name`` is what its socket is called after; ``engine`` answers the requests, with what ``installed``
    returns the folder of, which may be slow and raise ToolchainError."""

    name: str
    engine: Path
    installed: Callable[[], Path]
    node_options: tuple[str, ...] = ()

    def address(self, folder: Path) -> Path | None:
        """Where in ``folder`` others find it."""
        return shared_address(folder, self.name, [_WORKER, self.engine, self.installed()])

    def command(self, offered_in: Path | None) -> list[str]:
        """The command that starts it."""
        address = self.address(offered_in) if offered_in else None
        if address is not None:
            address.unlink(missing_ok=True)  # a killed process left it
        command = [str(node_executable()), *self.node_options, str(_WORKER), str(self.engine)]
        command += [str(self.installed()), str(os.getpid())]
        # In its folder, as whole ones may be too long.
        return [*command, address.name] if address else command


class SharedEngine:
    """Whoever asks the engine of ``worker``: a process that the first call starts and all threads share."""

    def __init__(self, worker: NodeWorker) -> None:
        self._worker = worker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the Node process now, to be ready when it is called. Raises ToolchainError."""
        self._worker.start()

    def close(self) -> None:
        """End the Node process. Another call starts a new one."""
        self._worker.close()


def shared_worker(program: WorkerProgram, *, shared_in: Path | None, offered_in: Path | None) -> NodeWorker:
    """``offered_in`` is a folder of this user's in which those that have it for ``shared_in`` find this one;
    they ask that for as long as it runs, and start one of their own where none does."""
    return NodeWorker(
        partial(program.command, offered_in),
        _environment,
        folder=offered_in,
        shared=partial(program.address, shared_in) if shared_in else None,
    )


def _environment() -> dict[str, str]:
    """Nothing of the user's: the worker needs no network, no credentials, and no home folder."""
    nowhere = str(Path(os.devnull) / "nowhere")
    wanted = ("SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
    inherited = {name: value for name, value in node_environment().items() if name in wanted}
    return {**inherited, "HOME": nowhere, "XDG_CACHE_HOME": nowhere, "NO_COLOR": "1"}
