"""What importing a generated client costs beyond psycopg and pydantic, for schemas of 70, 132 and 500 models.

Times and memory are shown and written down, never asserted: medians of interleaved fresh processes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from generators.packing import pack
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, PackageNames
from registry.consumers.throwaway_environments import PythonEnvironment, python_environment
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from .many_models import schema_of

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

_MODELS = (70, 132, 500)
_ROUNDS = 11
_RESULT = Path(__file__).parents[2] / "dist" / "benchmarks" / "python_client_weight.md"
_MEASURE = """
import importlib, json, sys, time
import psutil, psycopg, pydantic

type("Warm", (pydantic.BaseModel,), {"__annotations__": {"x": int}})
def spent():
    return time.perf_counter(), psutil.Process().memory_info().rss
def since(before):
    return [after - earlier for after, earlier in zip(spent(), before)]
before = spent()
client = importlib.import_module(sys.argv[1])
imported = since(before)
client.models
with_models = since(before)
client.models.Model0.model_validate
client.models.Model0.model_json_schema()
print(json.dumps([*imported, *with_models, *since(before), spent()[1]]))
"""
_HEAD = (
    "models", "wheel, KB", "import, ms", "MB", "and all classes, ms", "MB",
    "and a validator, ms", "MB", "in all, MB",
)  # fmt: skip


@pytest.fixture(scope="module")
def installed(
    bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PythonEnvironment, dict[int, int]]:
    """One environment with the clients ``client_70``, ...; the size of each wheel in bytes."""
    folder = tmp_path_factory.mktemp("weight")
    base = GenerationRequest(
        schema_name="many",
        version=SchemaVersion.parse("1.0.0"),
        description="Many models",
        author=None,
        schema=bridge.parse(schema_of(2)),
        migrations=(),
        names=PackageNames(),
    )
    wheels: dict[int, Path] = {}
    for models in _MODELS:
        names = PackageNames(python_client=f"client-{models}", python_import=f"client_{models}")
        request = replace(base, schema=bridge.parse(schema_of(models)), names=names)
        artifact = pack(PythonClientTarget().generate(request))
        wheels[models] = folder / artifact.filename
        wheels[models].write_bytes(artifact.content)
    environment = python_environment(folder / "python", [*wheels.values(), "psutil"])
    return environment, {models: path.stat().st_size for models, path in wheels.items()}


def test_import_time_and_memory(installed: tuple[PythonEnvironment, dict[int, int]]) -> None:
    environment, sizes = installed
    measured: dict[int, list[list[float]]] = {models: [] for models in _MODELS}
    for turn in range(_ROUNDS + 1):
        for models in _MODELS:
            values = json.loads(environment.run(_MEASURE, f"client_{models}"))
            if turn:  # the first writes the compiled modules
                measured[models].append(values)
    rows = [_row(models, sizes[models], measured[models]) for models in _MODELS]
    lines = [_HEAD, ["---:"] * len(_HEAD), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    text = f"# The Python client's weight\n\nBeyond psycopg and pydantic; medians of {_ROUNDS}.\n\n{table}\n"
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text(text, "utf-8")
    print(f"\n\n{text}")


def _row(models: int, size: int, measured: list[list[float]]) -> list[str]:
    values = [median(column) for column in zip(*measured, strict=True)]
    shown = [
        f"{value * 1000:.0f}" if index % 2 == 0 else f"{value / 1e6:.1f}"
        for index, value in enumerate(values[:6])
    ]
    return [str(models), f"{size / 1000:.0f}", *shown, f"{values[6] / 1e6:.0f}"]
