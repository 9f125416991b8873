"""TypeScript on a program that uses every model of an npm package, as an ES module and as CommonJS."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath

from generators.consumer_programs import consumer_program
from generators.target import Artifact
from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.nodejs import node_environment, node_executable

from .npm_checks import checkers_folder
from .refusals import could_not_look, refused
from .tool_process import TooSlowError, run_tool

_SECONDS = 300
_PROGRAMS = ("consumer.mts", "consumer.cts")
_SHOWN = 5
_ERROR = re.compile(r"^(?P<file>.+?)\((?P<line>\d+),(?P<column>\d+)\): (?P<words>error TS.*)$")
# It is written in Go and ends soon: collecting garbage, and sharing the work, takes two fifths of its time.
_GO = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
_OPTIONS = {
    "strict": True,
    "noEmit": True,
    "declaration": True,  # what a library could not write down is refused, too
    "module": "nodenext",
    "target": "es2022",
    "lib": ["es2022"],
    "types": [],
}


def typescript_problems(artifact: Artifact, schema: Schema) -> list[Problem]:
    """The first errors of the compiler."""
    program = consumer_program(artifact.language, artifact.name, schema)
    # Prisma's own declarations take four times as long as all else; what the program uses of them is checked.
    options = {**_OPTIONS, "skipLibCheck": artifact.language == "node"}
    with tempfile.TemporaryDirectory(prefix="schema-service-") as place:
        folder = Path(place)
        try:
            _unpack(artifact, folder / "node_modules" / artifact.name)
        except (tarfile.TarError, EOFError, zlib.error) as error:
            return [could_not_look(artifact, "TypeScript", str(error))]
        for name in _PROGRAMS:
            (folder / name).write_text(program, "utf-8")
        (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": _PROGRAMS}))
        try:
            done = _compiled(folder)
        except TooSlowError as error:
            return [could_not_look(artifact, "TypeScript", str(error))]
    problems = _problems(artifact, done.stdout, program)
    if done.returncode != 0 and not problems:
        return [could_not_look(artifact, "TypeScript", done.stdout + done.stderr)]
    return problems


def _compiled(folder: Path) -> subprocess.CompletedProcess[str]:
    compiler = checkers_folder() / "typescript" / "bin" / "tsc"
    command = [str(node_executable()), str(compiler), "--pretty", "false", "--singleThreaded", "-p", "."]
    return run_tool(command, folder, {**node_environment(), **_GO}, _SECONDS)


def _unpack(artifact: Artifact, folder: Path) -> None:
    # Not with extract(): its filters came with Python 3.11.4.
    with tarfile.open(fileobj=io.BytesIO(artifact.content), mode="r:gz") as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            if file is None:
                continue
            inside = PurePosixPath(member.name.partition("/")[2])
            if inside.is_absolute() or ".." in inside.parts:
                raise tarfile.TarError(f"{member.name!r} is outside the package")
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            (folder / inside).write_bytes(file.read())


def _problems(artifact: Artifact, output: str, program: str) -> list[Problem]:
    """Each error once, though both programs may have it. What is wrong in a program shows its line."""
    found: dict[tuple[str, ...], Problem] = {}
    for match in filter(None, map(_ERROR.match, output.splitlines())):
        line, column = int(match["line"]), int(match["column"])
        inside = match["file"].removeprefix(f"node_modules/{artifact.name}/")
        if inside in _PROGRAMS:
            used = program.splitlines()[line - 1].strip()
            problem = refused(artifact, "TypeScript", f"{match['words']}\n    {used}")
        else:
            problem = refused(artifact, "TypeScript", match["words"], file=inside, line=line, column=column)
        found.setdefault((problem.place, problem.message), problem)
    return [*found.values()][:_SHOWN]
