"""test: each artifact is installed into a clean consumer, imported, and asked which schema it carries."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generators.target import Artifact
from schemas.errors import Problem

from ...consumers.throwaway_environments import npm_project, python_environment
from ...errors import ConsumerError
from ..context import ReleaseContext
from ..snapshot import Snapshot
from ..step import StepResult, StepResults, packed_artifacts

_PYTHON = """
import importlib, sys
package = importlib.import_module(sys.argv[1])
print(package.SCHEMA_VERSION, package.SCHEMA_DIGEST)
"""
_ESM = "const m = await import(process.env.PACKAGE); console.log(m.SCHEMA_VERSION, m.SCHEMA_DIGEST)"
_CJS = "const m = require(process.env.PACKAGE); console.log(m.SCHEMA_VERSION, m.SCHEMA_DIGEST)"


def run(context: ReleaseContext, snapshot: Snapshot, results: StepResults) -> StepResult:
    """Raises ConsumerError with every artifact that can't be installed or says something else.

    Raises RegistryUnreachableError where what the artifacts depend on can't be fetched.
    """
    artifacts = [context.artifact(snapshot, packed) for packed in packed_artifacts(results)]
    folder = context.test_folder
    shutil.rmtree(folder, ignore_errors=True)  # what a killed release left behind
    try:
        with ThreadPoolExecutor(len(artifacts)) as pool:
            tests = [pool.submit(_problems_of, context, snapshot, each, folder) for each in artifacts]
            problems = [problem for each in tests for problem in each.result()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if problems:
        raise ConsumerError(*problems)
    return {"summary": f"{len(artifacts)} installed into clean consumers and imported"}


def _problems_of(
    context: ReleaseContext, snapshot: Snapshot, artifact: Artifact, folder: Path
) -> list[Problem]:
    consumer = folder / artifact.language
    file = folder / "artifacts" / artifact.filename
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(artifact.content)
    expected = f"{snapshot.version} {context.schema(snapshot).digest}"
    try:
        answers = _answers(context, snapshot, artifact, file, consumer)
    except ConsumerError as error:
        return list(error.problems)
    return [_says(artifact, answer.strip()) for answer in answers if answer.strip() != expected]


def _answers(
    context: ReleaseContext, snapshot: Snapshot, artifact: Artifact, file: Path, consumer: Path
) -> list[str]:
    if artifact.kind == "npm":
        project = npm_project(consumer, [file])
        package = {"PACKAGE": artifact.name}
        return [
            project.run(_ESM, variables=package),
            project.run(_CJS, kind="commonjs", variables=package),
        ]
    names = snapshot.names
    module = names.python_import if artifact.language == "python" else names.python_migrations_import
    environment = python_environment(consumer, [file], upstream=context.upstreams.python)
    return [environment.run(_PYTHON, module)]


def _says(artifact: Artifact, answer: str) -> Problem:
    return Problem(
        code="artifact-says-otherwise",
        message=f"{artifact.filename} was installed and says it carries schema {answer[:100]!r}",
        fix="this is a bug in schema-service: please report it with the schema",
    )
