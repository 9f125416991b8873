"""How long pyright takes over a consumer of a generated client, in its strict mode.

Times are shown and written down, never asserted: each from the start of a process that knows nothing yet.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from generators.names.naming import python_accessor
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from .cases import PROJECT
from .many_models import schema_of

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]

_ROUNDS = 3
_RESULT = Path(__file__).parents[2] / "dist" / "benchmarks" / "python_client_checking.md"
_CONSUMED = 60
_BASELINE = "import psycopg\nimport pydantic\n\nprint(psycopg.__version__, pydantic.VERSION)\n"
_HEAD = ("consumer of", "seconds", "of which beyond psycopg and pydantic")
_PYRIGHT = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["consumer.py"]}


def test_checking_a_consumer(bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory) -> None:
    project = (PROJECT / "schema.prisma").read_text("utf-8")
    schemas = {
        f"ghostfolio ({len(bridge.parse(project).models)} models)": bridge.parse(project),
        **{f"{models} models": bridge.parse(schema_of(models)) for models in (70, 132, 264)},
    }
    folders = {"psycopg and pydantic alone": _consumer(tmp_path_factory.mktemp("baseline"), None)}
    for name, schema in schemas.items():
        folders[name] = _consumer(tmp_path_factory.mktemp("checked"), schema)
    taken: dict[str, list[float]] = {name: [] for name in folders}
    for _ in range(_ROUNDS):
        for name, folder in folders.items():
            taken[name].append(_seconds(folder))
    alone, *_ = (median(times) for times in taken.values())
    rows = [(name, f"{median(each):.1f}", f"{median(each) - alone:.1f}") for name, each in taken.items()]
    lines = [_HEAD, ("---", "---:", "---:"), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    text = (
        f"# Checking the Python client's consumers\n\nOf up to {_CONSUMED} models, three queries on each; "
        f"strict mode, from the start of the process; medians of {_ROUNDS}.\n\n{table}\n"
    )
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(text, "utf-8")
    print(f"\n\n{text}")


def _consumer(folder: Path, schema: Schema | None) -> Path:
    (folder / "pyrightconfig.json").write_text(json.dumps(_PYRIGHT))
    (folder / "consumer.py").write_text(_BASELINE if schema is None else _queries(schema))
    if schema is not None:
        request = GenerationRequest(
            schema_name="checked",
            version=SchemaVersion.parse("1.0.0"),
            description="What is checked",
            author=None,
            schema=schema,
            migrations=(),
            names=PackageNames(),
        )
        for path, content in PythonClientTarget().generate(request).files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    return folder


def _queries(schema: Schema) -> str:
    models = [model for model in schema.models if not model.is_view][:_CONSUMED]
    names = [python_accessor(model.name, model.documentation) for model in models]
    return "\n".join(
        [
            "from schema_client import AsyncClient, Client\n",
            "db = Client()",
            *(f"print(db.{name}.find_first(where={{}}, include={{}}), db.{name}.count())" for name in names),
            "\n\nasync def main() -> None:\n    async with AsyncClient() as client:",
            *(f"        print(await client.{name}.find_many(take=1, order={{}}))" for name in names),
            "",
        ]
    )


def _seconds(folder: Path) -> float:
    command = [str(Path(sys.executable).parent / "basedpyright"), "--pythonpath", sys.executable]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    taken = time.perf_counter() - began
    assert done.returncode == 0, done.stdout + done.stderr
    return taken
