"""A worker that one process offers and others ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.errors import InvalidSchemaError
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.shared_address import joined, shared_address

_SCHEMA = 'datasource db {{\n  provider = "postgresql"\n}}\n\nmodel {name} {{\n  id Int @id\n}}\n'
_WAIT_SECONDS = 60


@pytest.fixture(params=["w", "a folder with a long name, deep below others" * 3])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = tmp_path / request.param
    made.mkdir()
    return made


@pytest.fixture
def offering(folder: Path) -> Iterator[PrismaBridge]:
    with PrismaBridge(offered_in=folder) as bridge:
        bridge.validate(_SCHEMA.format(name="A"))
        _wait_for_socket(folder)
        yield bridge


@pytest.fixture
def sharing(folder: Path) -> Iterator[PrismaBridge]:
    with PrismaBridge(shared_in=folder) as bridge:
        yield bridge


def _wait_for_socket(folder: Path) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (found := [*folder.glob("*.sock")]) or (connection := joined(found[0])) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    connection.close()


def test_what_is_offered_is_asked(offering: PrismaBridge, sharing: PrismaBridge) -> None:
    schema = _SCHEMA.format(name="A")
    assert sharing.parse(schema) == offering.parse(schema)
    assert sharing.generate_node_client(schema) == offering.generate_node_client(schema)
    with pytest.raises(InvalidSchemaError, match="Nowhere"):
        sharing.parse(schema.replace("Int", "Nowhere"))
    assert sharing._worker.pid is None


def test_everybody_gets_the_answer_to_what_they_asked(
    folder: Path, offering: PrismaBridge, sharing: PrismaBridge
) -> None:
    def ask(name: str) -> list[str]:
        with PrismaBridge(shared_in=folder) as bridge:
            texts = [_SCHEMA.format(name=name) + f"// {number}" for number in range(20)]
            answers = [bridge.parse(text).models[0].name for text in texts]
            assert bridge._worker.pid is None
        return answers

    names = [f"Model{number}" for number in range(4)]
    with ThreadPoolExecutor(len(names)) as pool:
        assert [*pool.map(ask, names)] == [[name] * 20 for name in names]
    assert sharing.parse(_SCHEMA.format(name="B")).models[0].name == "B"
    assert offering.parse(_SCHEMA.format(name="C")).models[0].name == "C"


def test_nobody_is_missed_when_it_is_not_offered(folder: Path, sharing: PrismaBridge) -> None:
    assert sharing.parse(_SCHEMA.format(name="A")).models[0].name == "A"
    assert sharing._worker.pid is not None
    with PrismaBridge(offered_in=folder) as offering:
        offering.start()  # over what another one may have left
    with PrismaBridge(offered_in=folder) as offering:
        assert offering.parse(_SCHEMA.format(name="B")).models[0].name == "B"


def test_one_that_ends_during_a_call_is_replaced(offering: PrismaBridge, sharing: PrismaBridge) -> None:
    expected = offering.generate_node_client(_SCHEMA.format(name="A"))
    sharing.start()
    assert sharing._worker.pid is None
    killer = threading.Timer(0.05, offering.close)
    killer.start()
    assert sharing.generate_node_client(_SCHEMA.format(name="A")) == expected
    killer.join()
    assert sharing.parse(_SCHEMA.format(name="B")).models[0].name == "B"
    assert sharing._worker.pid is not None


def test_what_a_call_that_was_cut_off_wrote_is_not_read_by_the_next(
    sharing: PrismaBridge, tmp_path: Path
) -> None:
    text = _SCHEMA.format(name="A")
    request = {"text": text, "embedded": text, "folder": str(tmp_path)}
    first = tmp_path / sharing._worker.call("generate", request, timeout_seconds=_WAIT_SECONDS)
    expected = {file.name: file.read_bytes() for file in first.iterdir() if file.is_file()}
    (first / "package.json").write_bytes(b"")
    second = tmp_path / sharing._worker.call("generate", request, timeout_seconds=_WAIT_SECONDS)
    assert {file.name: file.read_bytes() for file in second.iterdir() if file.is_file()} == expected


def test_another_program_has_another_address_and_a_file_is_none(folder: Path) -> None:
    program = folder / "worker.mjs"
    program.write_text("1")
    first = shared_address(folder, "worker", [program])
    program.write_text("2")
    assert first is not None
    assert shared_address(folder, "worker", [program]) not in (first, None)
    first.touch()
    assert joined(first) is None
