"""What happens when Prisma's generator gives something else than the package is built around."""

from __future__ import annotations

from typing import cast

import pytest

from generators.node_client.generate import NodeClientTarget
from generators.target import GenerationRequest, PackageNames
from schemas.errors import BridgeError
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

_SCHEMA = """
datasource db {
  provider = "postgresql"
}

enum Colour {
  RED
}

model Car {
  id     Int    @id
  colour Colour
}
"""


class _OtherGenerator:
    """A bridge whose generator's output was edited: there is no other way to have another version of it."""

    def __init__(self, bridge: PrismaBridge, file: str, old: str, new: str | None) -> None:
        self._bridge, self._file, self._old, self._new = bridge, file, old, new

    def generate_node_client(self, text: str) -> dict[str, bytes]:
        files = self._bridge.generate_node_client(text)
        if self._new is None:
            del files[self._file]
            return files
        assert self._old in files[self._file].decode()
        files[self._file] = files[self._file].decode().replace(self._old, self._new).encode()
        return files

    def node_runtime(self) -> dict[str, bytes]:
        return self._bridge.node_runtime()


@pytest.fixture(scope="module")
def request_(bridge: PrismaBridge) -> GenerationRequest:
    return GenerationRequest(
        schema_name="cars",
        version=SchemaVersion.parse("1.0.0"),
        description="",
        author=None,
        schema=bridge.parse(_SCHEMA),
        migrations=(),
        names=PackageNames(node_client="cars-client"),
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("index.js", "", None, "index.js is missing"),
        ("index.d.ts", "", None, "index.d.ts is missing"),
        (
            "index.js",
            "exports.PrismaClient = ",
            "module.exports.Client = ",
            "index.js has no 'exports.PrismaClient",
        ),
        ("index.js", "exports.Colour = ", "exports.Color = ", "index.js has no 'exports.Colour ="),
        ("index.d.ts", "export const Colour", "const Colour", "index.d.ts has no 'export const Colour"),
        ("index.d.ts", "export type Car ", "export type Kar ", "index.d.ts has no 'export type Car"),
        ("index.js", "./runtime/client.js", "./runtime/library.js", "needs runtime/library.js"),
        ("index.d.ts", "./runtime/client.js", "./runtime/library.js", "needs runtime/library.d.ts"),
        ("index.js", '"clientVersion"', '"version"', "doesn't name its client version"),
    ],
)
def test_nothing_is_packaged_from_unexpected_output(
    bridge: PrismaBridge, request_: GenerationRequest, file: str, old: str, new: str | None, told: str
) -> None:
    other = cast("PrismaBridge", _OtherGenerator(bridge, file, old, new))
    with pytest.raises(BridgeError) as refused:
        NodeClientTarget(other).generate(request_)
    assert told in refused.value.problems[0].message


def test_all_problems_are_told(bridge: PrismaBridge, request_: GenerationRequest) -> None:
    other = cast("PrismaBridge", _OtherGenerator(bridge, "index.js", "exports.", "outputs."))
    with pytest.raises(BridgeError) as refused:
        NodeClientTarget(other).generate(request_)
    assert len(refused.value.problems) == 4


def test_the_package_is_named_and_described_as_asked(
    bridge: PrismaBridge, request_: GenerationRequest
) -> None:
    package = NodeClientTarget(bridge).generate(request_)
    assert (package.language, package.kind) == ("node", "npm")
    assert (package.name, package.version) == ("cars-client", "1.0.0")
    assert b'"description": "Database client of the schema cars"' in package.files["package.json"]
    assert b'"author"' not in package.files["package.json"]
    assert b"await client.car.findMany" in package.files["README.md"]
