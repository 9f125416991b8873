"""A client's size grows with the number of models, and never with its square."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from generators.packing import pack
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest

_MODEL = """
model Model{number} {{
  id       Int      @id @default(autoincrement())
  name     String?
  price    Decimal
  made     DateTime @default(now())
  settings Json?
  parentId Int?
  parent   Model{parent}?  @relation("of{number}", fields: [parentId], references: [id])
  children Model{child}[] @relation("of{child}")
}}
"""


def _schema(models: int) -> str:
    return "".join(
        _MODEL.format(number=number, parent=(number - 1) % models, child=(number + 1) % models)
        for number in range(models)
    )


@pytest.fixture(scope="module")
def sizes(make_request: Callable[..., GenerationRequest]) -> dict[int, tuple[int, int]]:
    """By number of models: the size of all files and of the wheel, in bytes."""
    measured: dict[int, tuple[int, int]] = {}
    for models in (10, 70, 140):
        package = PythonClientTarget().generate(make_request(_schema(models)))
        total = sum(len(content) for _, content in package.files.items())
        measured[models] = total, len(pack(package).content)
    return measured


def test_a_model_costs_as_much_in_a_large_schema_as_in_a_small_one(sizes: dict[int, tuple[int, int]]) -> None:
    small = (sizes[70][0] - sizes[10][0]) / 60
    large = (sizes[140][0] - sizes[70][0]) / 70
    # Names get longer by a digit.
    assert large < 1.1 * small


def test_the_wheel_of_70_models_is_light(sizes: dict[int, tuple[int, int]]) -> None:
    assert sizes[70][1] <= 330_000


def test_no_class_is_made_before_a_model_is_used(
    import_client: Callable[..., tuple[ModuleType, Path]],
) -> None:
    module, _ = import_client(_schema(3))
    name = f"{module.__name__}.models"
    assert name not in sys.modules
    assert f"{module.__name__}.types" not in sys.modules
    assert "models" in module.__all__
    assert module.models is sys.modules[name]
    with pytest.raises(AttributeError, match="has no attribute 'model'"):
        _ = module.model
