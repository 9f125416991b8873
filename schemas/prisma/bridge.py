"""Prisma's own engines, callable from Python: validate, format, parse, diff, and generate the Node client.

The Node client's files come in two parts. ``generate_node_client`` returns those that depend on the schema,
as Prisma writes them; ``node_runtime`` returns the others, which have to be in the same folder:

``runtime/client.js``
    CommonJS: every export of ``@prisma/client``'s runtime, ``PrismaPg`` (of ``@prisma/adapter-pg``), ``pg``
    (node-postgres), and ``exactDate`` and ``exactText`` for Dates with microseconds. Requires nothing: Node's
    own modules come from ``process.getBuiltinModule``.
``runtime/client.d.ts``
    Its types as Prisma ships them (without ``PrismaPg``).
``runtime/client-runtime-utils.d.ts``
    What client.d.ts imports; imports nothing itself.
``query_compiler_small_bg.js``
    CommonJS glue of the query compiler.
``query_compiler_small_bg.wasm-base64.js``
    The query compiler, in the build that is optimised for size: compressed, and given out as its bytes.
``LICENSES.runtime``
    The licences of all of the above, package by package.

Of the generated files ``index.js`` (CommonJS) and ``index.d.ts`` are the client; they require the above under
exactly these names, so that the two dictionaries together are a working client.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from ..errors import BridgeError, InvalidSchemaError, Problem
from ..model import Schema
from .database_names import database_name_problems
from .diagnostics import panic_problems, problems
from .dmmf import read_schema
from .source import Block, blocks, position, without_comments
from .toolchain import installed
from .worker import EngineError
from .worker_process import SharedEngine, WorkerProgram, shared_worker

_HERE = Path(__file__).parent
_CALL_TIMEOUT_SECONDS = 60.0
_GENERATE_TIMEOUT_SECONDS = 600.0
# V8 compiles a WebAssembly function again, optimised, once it has run for a while. By default that is so soon
# that a process which reads two schemas spends a third of its time on it. With ten times as long, only one
# that lives on (such as a server's) does so, and is then as fast as by default.
_TIERING = "--wasm-tiering-budget=130000000"
DEFAULT_FILE = "schema.prisma"
# The parts of a release ask the same of the same few texts, and would wait for each other's longer calls.
_KEPT_ANSWERS = 16

Answer = TypeVar("Answer")


class PrismaBridge(SharedEngine):
    """The engines behind one long-lived Node process, started by the first call and shared by all threads.

    Every method raises InvalidSchemaError for a schema that is refused (all problems, with file, line and
    column), BridgeError if the engine panicked, died or did not answer in time (the next call starts it
    again), and ToolchainError if its npm packages can't be installed on first use.
    """

    def __init__(
        self,
        *,
        call_timeout_seconds: float = _CALL_TIMEOUT_SECONDS,
        shared_in: Path | None = None,
        offered_in: Path | None = None,
    ) -> None:
        """``offered_in`` is a folder of this user's in which bridges that have it for ``shared_in`` find this
        one's process; they ask that for as long as it runs, and start one of their own where none does."""
        self._call_timeout_seconds = call_timeout_seconds
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._answers_lock = Lock()
        program = WorkerProgram("prisma", _HERE / "engine.mjs", _built, (_TIERING,))
        super().__init__(shared_worker(program, shared_in=shared_in, offered_in=offered_in))

    def validate(self, text: str, file: str = DEFAULT_FILE) -> list[Problem]:
        """Check a schema. Returns the engine's warnings; ``file`` is its name in problems."""
        text = _clean(text)
        answer = self._call("validate", {"text": text}, {"text": (text, file)})
        _check_datasource(answer["datasources"], text, file)
        return problems(answer["warnings"], text, file)

    def format(self, text: str) -> str:
        """The schema as Prisma's formatter writes it. Accepts invalid schemas too and does what it can."""
        formatted: str = self._call("format", {"text": _clean(text)}, {})
        return formatted

    def parse(self, text: str, file: str = DEFAULT_FILE) -> Schema:
        """The schema as a value; its ``text`` is the formatted one."""

        def parsed() -> Schema:
            answer = self._call("parse", {"text": cleaned}, {"text": (cleaned, file)})
            _check_datasource(answer["datasources"], cleaned, file)
            return read_schema(answer["text"], answer["datamodel"], answer["datasources"][0]["schemas"])

        cleaned = _clean(text)
        return self._asked_once(("parse", cleaned), parsed)

    def diff(self, before: str | None, after: str | None) -> str:
        """The SQL that takes a database from one schema to another (None: empty), as the engine writes it."""
        sides = {"before": before, "after": after}
        cleaned = {name: None if text is None else _clean(text) for name, text in sides.items()}
        sources = {name: (text, DEFAULT_FILE) for name, text in cleaned.items() if text is not None}

        def asked() -> str:
            sql: str = self._call("diff", cleaned, sources)
            return sql

        return self._asked_once(("diff", cleaned["before"], cleaned["after"]), asked)

    def generate_node_client(self, text: str) -> dict[str, bytes]:
        """Prisma's generated Node client, by file name, without the files of :meth:`node_runtime`.

        The same text gives the same bytes. The schema embedded in it has no ``//`` comments.
        """
        text = _clean(text)
        with tempfile.TemporaryDirectory(prefix="schema-service-") as folder:
            name: str = self._call(
                "generate",
                {"text": text, "embedded": without_comments(text), "folder": folder},
                {"text": (text, DEFAULT_FILE)},
                timeout_seconds=_GENERATE_TIMEOUT_SECONDS,
            )
            runtime, output = ("runtime", "query_compiler"), Path(folder) / Path(name).name
            files = {file.name: file for file in output.iterdir() if not file.name.startswith(runtime)}
            return {name: files[name].read_bytes() for name in sorted(files)}

    def node_runtime(self) -> dict[str, bytes]:
        """The files that every generated Node client needs; this module's docstring lists them."""
        folder = _built() / "runtime"
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}

    def _asked_once(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """What ``ask`` returns, now or for an earlier call with the same ``key``: it depends on that alone.

        Errors are not kept: they name the file that they are about.
        """
        with self._answers_lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                kept: Answer = self._answers[key]
                return kept
        answer = ask()
        with self._answers_lock:
            self._answers[key] = answer
            while len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return answer

    def _call(
        self,
        operation: str,
        parameters: Mapping[str, str | None],
        sources: Mapping[str, tuple[str, str]],
        *,
        timeout_seconds: float | None = None,
    ) -> Any:
        """``sources`` are the texts and files that the engine's diagnostics may be about, by parameter."""
        timeout_seconds = timeout_seconds or self._call_timeout_seconds
        try:
            answer = self._worker.call(operation, parameters, timeout_seconds=timeout_seconds)
        except EngineError as fault:
            if fault.kind == "schema":
                text, file = sources[fault.detail.get("which") or "text"]
                raise InvalidSchemaError(*problems(fault.detail["diagnostics"], text, file)) from None
            known = [each for source in sources.values() for each in panic_problems(*source)]
            if fault.kind == "panic" and known:
                raise InvalidSchemaError(*known) from None
            raise BridgeError(_engine_problem(operation, fault)) from fault
        unsafe = [each for source in sources.values() for each in database_name_problems(*source)]
        if unsafe:
            raise InvalidSchemaError(*unsafe)
        return answer


def _built() -> Path:
    return installed(_HERE) / "built"


def _clean(text: str) -> str:
    """The text without a byte order mark, which is a syntax error for Prisma, and without carriage returns,
    which would change digests."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _check_datasource(datasources: list[dict[str, Any]], text: str, file: str) -> None:
    """Accept Postgres only; the engine accepts other databases, and schemas without a datasource."""
    if not datasources:
        raise InvalidSchemaError(
            Problem(
                code="datasource-missing",
                message="the schema has no datasource block, so its database is unknown",
                fix='add\n    datasource db {\n      provider = "postgresql"\n    }',
                file=file,
                line=1,
                column=1,
            )
        )
    provider = datasources[0]["activeProvider"]
    if provider == "postgresql":
        return
    line, column = position(text, _provider_offset(blocks(text)))
    raise InvalidSchemaError(
        Problem(
            code="datasource-provider",
            message=f"the schema is for {provider}; packages are made for PostgreSQL only",
            fix='write provider = "postgresql" and check the native types (@db.…)',
            file=file,
            line=line,
            column=column,
        )
    )


def _provider_offset(found: tuple[Block, ...]) -> int:
    datasource = next(block for block in found if block.keyword == "datasource")
    statement = datasource.statement("provider")
    return statement.offset if statement else datasource.offset


def _engine_problem(operation: str, fault: EngineError) -> Problem:
    lines = str(fault).strip().splitlines() or ["no message"]
    if fault.kind == "panic":
        return Problem(
            code="engine-panic",
            message=f"Prisma's engine panicked while it was asked to {operation}: {lines[0][:300]}",
            fix="undo the schema's last change or report it: this is a bug in the engine (it was restarted)",
        )
    return Problem(
        code="engine-failed",
        message=f"Prisma's engine could not {operation} the schema: {' '.join(lines)[:500]}",
        fix="undo the schema's last change, or report it with the schema",
    )
