"""Installs artifacts into clean consumers, imports them, and reads which schema they carry."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from generators.target import Artifact
from schemas.errors import Problem

from ..config.upstreams import PythonUpstream, read_python_upstream
from ..consumers.throwaway_environments import NpmProject, npm_project, npm_projects, python_environment
from ..errors import ConsumerError
from .context import ReleaseContext
from .snapshots.snapshot import Snapshot

# Compiling takes longer than the rest, so bytecode is kept for the next release. Python compiles a
# dependency's file again once its time or size differs. The package's own files may change within both, so
# theirs is marked to be compared by the source's hash (PEP 552), and what isn't marked, as a killed release
# leaves it, is removed.
_PYTHON = """
import contextlib, importlib, importlib.util, pathlib, sys
CHECKED = (3).to_bytes(4, "little")
found = importlib.util.find_spec(sys.argv[1])
for file in pathlib.Path(found.cached).parent.rglob("*.pyc") if found and found.cached else ():
    if file.read_bytes()[4:8] != CHECKED:
        file.unlink()
package = importlib.import_module(sys.argv[1])
print(package.SCHEMA_VERSION, package.SCHEMA_DIGEST)
for name, module in list(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    if (name + ".").startswith(sys.argv[1] + ".") and spec and spec.cached:
        file = pathlib.Path(spec.cached)
        with contextlib.suppress(OSError):
            code = file.read_bytes()
            if code[4:8] != CHECKED:
                hashed = importlib.util.source_hash(pathlib.Path(spec.origin).read_bytes())
                file.with_suffix(".new").write_bytes(code[:4] + CHECKED + hashed + code[16:])
                file.with_suffix(".new").replace(file)
"""
# Both module systems in one process, each with the file that package.json names for it.
_NODE = """
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
const require = createRequire(pathToFileURL(`${process.cwd()}/consumer.cjs`))
for (const m of [await import(process.env.PACKAGE), require(process.env.PACKAGE)])
  console.log(m.SCHEMA_VERSION, m.SCHEMA_DIGEST)
"""


#: A test: what it tries, and the function that returns its problems.
ConsumerTest: TypeAlias = tuple[Hashable, Callable[[], list[Problem]]]
_UPSTREAM = "python upstream"


def consumer_tests(
    context: ReleaseContext, snapshot: Snapshot, artifacts: Sequence[Artifact]
) -> list[ConsumerTest]:
    """Those of ``artifacts``, which are of this release: one a wheel, and one for the tarballs together."""
    consumers = ConsumerTests(
        context.consumer_folder(), f"{snapshot.package_version} {context.schema(snapshot).digest}"
    )
    names = snapshot.names
    modules = {"python": names.python_import, "migrations": names.python_migrations_import}

    def try_wheel(artifact: Artifact) -> list[Problem]:
        upstream = context.ahead.result(_UPSTREAM, read_python_upstream)
        return consumers.wheel_problems(artifact, modules[artifact.language], upstream)

    wheels = [artifact for artifact in artifacts if artifact.kind == "wheel"]
    tarballs = [artifact for artifact in artifacts if artifact.kind == "npm"]
    tests: list[ConsumerTest] = [(("consumer", each.sha256), partial(try_wheel, each)) for each in wheels]
    if tarballs:
        digests = tuple(each.sha256 for each in tarballs)
        tests.append((("consumers", *digests), partial(consumers.tarball_problems, tarballs)))
    return tests


def begin_upstream(context: ReleaseContext) -> None:
    """Ask pip where it gets packages from, which takes longer than installing them."""
    context.ahead.begin(_UPSTREAM, read_python_upstream)


class ConsumerTests:
    """``expected`` is what each artifact has to answer: the version and the schema's digest.

    They are in ``folder``; what is kept for later releases lies next to it. Every test raises
    RegistryUnreachableError where what the artifacts depend on can't be fetched.
    """

    def __init__(self, folder: Path, expected: str) -> None:
        self._folder = folder
        self._bytecode = folder.with_name("bytecode")
        self._expected = expected

    def wheel_problems(self, artifact: Artifact, module: str, upstream: PythonUpstream) -> list[Problem]:
        """The problems of a wheel that is imported as ``module``."""
        folder = self._folder / artifact.language
        folder.mkdir()
        try:
            environment = python_environment(
                folder / "environment", [_written(artifact, folder)], upstream=upstream
            )
            answer = environment.run(_PYTHON, module, bytecode=self._bytecode)
        except ConsumerError as error:
            return list(error.problems)
        return self._problems(artifact, answer, times=1)

    def tarball_problems(self, artifacts: Sequence[Artifact]) -> list[Problem]:
        """The problems of tarballs, each of which has a consumer of its own."""
        # A name of its own: an npm that outlived a killed release may still be at the other's.
        folder = Path(tempfile.mkdtemp(prefix="npm-", dir=self._folder))
        files = {artifact.name: _written(artifact, folder) for artifact in artifacts}
        try:
            projects = npm_projects(folder / "projects", files)
        except ConsumerError:
            projects = {}  # whose fault it is shows in each by itself
        problems = []
        for artifact in artifacts:
            alone = folder / f"{artifact.language}-alone"
            try:
                project = projects.get(artifact.name) or npm_project(alone, [files[artifact.name]])
                problems += self._problems(artifact, _node_answer(project, artifact.name), times=2)
            except ConsumerError as error:
                problems += error.problems
        return problems

    def _problems(self, artifact: Artifact, answer: str, *, times: int) -> list[Problem]:
        if answer == f"{self._expected}\n" * times:
            return []
        problem = Problem(
            code="artifact-says-otherwise",
            message=f"{artifact.filename} was installed and says it carries schema {answer[:100]!r}",
            fix="this is a bug in schema-service: please report it with the schema",
        )
        return [problem]


def _written(artifact: Artifact, folder: Path) -> Path:
    file = folder / artifact.filename
    file.write_bytes(artifact.content)
    return file


def _node_answer(project: NpmProject, name: str) -> str:
    return project.run(_NODE, variables={"PACKAGE": name})
