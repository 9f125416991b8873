"""test: each artifact is installed into a clean consumer, imported, and asked which schema it carries."""

from __future__ import annotations

import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from generators.target import Artifact
from schemas.errors import Problem
from schemas.workspace.files import private_folder

from ...config.upstreams import read_python_upstream
from ...consumers.throwaway_environments import (
    NpmProject,
    npm_project,
    npm_projects,
    python_environment,
)
from ...errors import ConsumerError
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts

# Compiling what a package depends on takes longer than the rest, so that is kept for the next release:
# Python compiles a file again once its time or size differs. Of the package itself nothing is kept.
_PYTHON = """
import importlib, importlib.util, pathlib, shutil, sys
found = importlib.util.find_spec(sys.argv[1])
if found and found.cached:
    shutil.rmtree(pathlib.Path(found.cached).parent, ignore_errors=True)
package = importlib.import_module(sys.argv[1])
print(package.SCHEMA_VERSION, package.SCHEMA_DIGEST)
"""
# Both module systems in one process, each with the file that package.json has for it.
_NODE = """
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
const require = createRequire(pathToFileURL(`${process.cwd()}/consumer.cjs`))
for (const m of [await import(process.env.PACKAGE), require(process.env.PACKAGE)])
  console.log(m.SCHEMA_VERSION, m.SCHEMA_DIGEST)
"""
_ANSWERS = {"wheel": 1, "npm": 2}


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises ConsumerError with every artifact that can't be installed or says something else.

    Raises RegistryUnreachableError where what the artifacts depend on can't be fetched.
    """
    artifacts = [context.artifact(snapshot, packed) for packed in packed_artifacts(results)]
    folder = context.test_folder
    shutil.rmtree(folder, ignore_errors=True)  # what a killed release left behind
    try:
        problems = _problems(context, snapshot, artifacts, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if problems:
        raise ConsumerError(*problems)
    return {"summary": f"{len(artifacts)} installed into clean consumers and imported"}


def _problems(
    context: ReleaseContext, snapshot: Snapshot, artifacts: list[Artifact], folder: Path
) -> list[Problem]:
    """Of all artifacts, which are tried beside each other."""
    expected = f"{snapshot.version} {context.schema(snapshot).digest}"
    files = {artifact.name: _written(artifact, folder / "artifacts") for artifact in artifacts}
    tarballs = {artifact.name: files[artifact.name] for artifact in artifacts if artifact.kind == "npm"}
    bytecode = private_folder(context.root, "bytecode")
    with ThreadPoolExecutor(len(artifacts) + 2) as pool:  # so many that none waits for another's thread
        upstream = pool.submit(read_python_upstream)
        projects = pool.submit(npm_projects, folder / "npm", tarballs)

        def answers(artifact: Artifact) -> str:
            consumer, file = folder / artifact.language, files[artifact.name]
            if artifact.kind == "npm":
                project = _project(projects, artifact.name, consumer, file)
                return project.run(_NODE, variables={"PACKAGE": artifact.name})
            environment = python_environment(consumer, [file], upstream=upstream.result())
            return environment.run(_PYTHON, _module(snapshot, artifact), bytecode=bytecode)

        asked = [(artifact, pool.submit(answers, artifact)) for artifact in artifacts]
        return [problem for each, answer in asked for problem in _problems_with(each, answer, expected)]


def _written(artifact: Artifact, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / artifact.filename
    file.write_bytes(artifact.content)
    return file


def _project(together: Future[dict[str, NpmProject]], name: str, folder: Path, file: Path) -> NpmProject:
    try:
        return together.result()[name]
    except ConsumerError:  # whose fault it is can only be seen of each by itself
        return npm_project(folder, [file])


def _module(snapshot: Snapshot, artifact: Artifact) -> str:
    names = snapshot.names
    return names.python_import if artifact.language == "python" else names.python_migrations_import


def _problems_with(artifact: Artifact, answer: Future[str], expected: str) -> list[Problem]:
    try:
        said = answer.result()
    except ConsumerError as error:
        return list(error.problems)
    return [] if said == f"{expected}\n" * _ANSWERS[artifact.kind] else [_says(artifact.filename, said)]


def _says(filename: str, answer: str) -> Problem:
    return Problem(
        code="artifact-says-otherwise",
        message=f"{filename} was installed and says it carries schema {answer[:100]!r}",
        fix="this is a bug in schema-service: please report it with the schema",
    )
