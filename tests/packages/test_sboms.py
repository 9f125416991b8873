"""The bill of materials in each package, against CycloneDX's own library and its strict validator."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import uv
from packageurl import PackageURL

from generators.packing import pack
from generators.target import Artifact, GenerationRequest, Language, PackageNames
from generators.targets import all_targets
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, npm_command
from schemas.versions import SchemaVersion

_DEPENDENCIES = {
    "python": {
        ("pydantic", "pydantic>=2.10", "required"),
        ("psycopg", "psycopg[binary]>=3.2.1", "required"),
        ("sqlalchemy", "sqlalchemy>=2.0.4; extra == 'sqlalchemy'", "optional"),
        ("opentelemetry-api", "opentelemetry-api>=1.20; extra == 'opentelemetry'", "optional"),
    },
    "migrations": {("psycopg", "psycopg[binary]>=3.2,<4", "required")},
    "node": set(),
    "typescript": {("zod", "zod@^4.0.0", "optional")},
}
_RUNTIMES = {
    "python": "schema-service-python-runtime",
    "migrations": "schema-service-migration-runner",
    "node": "schema-service-node-runtime",
    "typescript": "schema-service-types-runtime",
}
LANGUAGES: tuple[Language, ...] = ("python", "node", "typescript", "migrations")


@pytest.fixture(scope="module")
def artifacts(bridge: PrismaBridge) -> dict[Language, Artifact]:
    """The four packages of the sample's first version."""
    folder = Path(str(resources.files("schemas") / "sample" / "schemas" / "1.0.0"))
    request = GenerationRequest(
        schema_name="schema",
        version=SchemaVersion(1, 0, 0),
        description="Users and products",
        author=None,
        schema=bridge.parse((folder / "schema.prisma").read_text(encoding="utf-8")),
        migrations=(),
        names=PackageNames(),
    )
    return {target.language: pack(target.generate(request)) for target in all_targets(bridge)}


def _sbom(artifact: Artifact) -> str:
    if artifact.kind == "wheel":
        with zipfile.ZipFile(io.BytesIO(artifact.content)) as wheel:
            (path,) = (name for name in wheel.namelist() if name.endswith(".cdx.json"))
            assert re.fullmatch(r"\w+-1\.0\.0\.dist-info/sboms/sbom\.cdx\.json", path)  # PEP 770
            return wheel.read(path).decode()
    with tarfile.open(fileobj=io.BytesIO(artifact.content)) as tarball:
        file = tarball.extractfile("package/sbom.cdx.json")
        assert file is not None
        return file.read().decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_valid_and_lists_dependencies_and_what_is_bundled(
    artifacts: dict[Language, Artifact], language: Language
) -> None:
    # Seconds to import: here only the worker that needs it does.
    from cyclonedx.model.bom import Bom  # noqa: PLC0415
    from cyclonedx.schema import SchemaVersion as CycloneDxVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    text = _sbom(artifacts[language])
    assert JsonStrictValidator(CycloneDxVersion.V1_6).validate_str(text) is None
    document: dict[str, Any] = json.loads(text)
    Bom.from_json(document).validate()  # type: ignore[attr-defined] - added by the library's decorator
    subject = document["metadata"]["component"]
    assert PackageURL.from_string(subject["purl"]).version == "1.0.0"
    assert "timestamp" not in document["metadata"]
    listed = {
        (part["name"], part["properties"][0]["value"], part["scope"])
        for part in document["components"]
        if part["properties"][0]["name"] == "schema-service:requirement"
    }
    assert listed == _DEPENDENCIES[language]
    bundled = {part["name"]: part for part in document["components"] if "licenses" in part}
    assert bundled[_RUNTIMES[language]]["licenses"] == [{"expression": "Apache-2.0"}]
    if language == "node":
        assert re.fullmatch(r"7\.\d+\.\d+", bundled["client"]["version"])
        assert bundled["pg"]["purl"].startswith("pkg:npm/pg@8")
        assert bundled["client"]["purl"].startswith("pkg:npm/%40prisma/client@7")
        assert len(bundled["query_compiler_small_bg.wasm-base64.js"]["hashes"][0]["content"]) == 64
    (whole,) = (each for each in document["dependencies"] if each["ref"] == subject["bom-ref"])
    assert sorted(whole["dependsOn"]) == sorted(part["bom-ref"] for part in document["components"])


def test_its_serial_number_is_of_its_package_alone(bridge: PrismaBridge) -> None:
    """The same for the same package, and another one for every other."""
    request = GenerationRequest(
        schema_name="schema",
        version=SchemaVersion(1, 0, 0),
        description="",
        author=None,
        schema=bridge.parse('datasource db {\n  provider = "postgresql"\n}\nmodel A {\n  id Int @id\n}\n'),
        migrations=(),
        names=PackageNames(),
    )
    (target,) = (each for each in all_targets(bridge) if each.language == "typescript")
    numbers = [
        json.loads(_sbom(pack(target.generate(each))))["serialNumber"]
        for each in (request, request, replace(request, description="another"))
    ]
    assert numbers[0] == numbers[1] != numbers[2]


def test_pip_uv_and_npm_install_it(artifacts: dict[Language, Artifact], tmp_path: Path) -> None:
    for artifact in artifacts.values():
        (tmp_path / artifact.filename).write_bytes(artifact.content)
    wheel = str(tmp_path / artifacts["python"].filename)
    installers = {
        "pip": [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"],
        "uv": [uv.find_uv_bin(), "pip", "install", "--no-config"],
    }
    for name, command in installers.items():
        site = tmp_path / name
        arguments = ["--no-deps", "--no-index", "--target", str(site), wheel]
        done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
        assert "warning" not in (done.stdout + done.stderr).lower()
        assert (site / "schema_client-1.0.0.dist-info" / "sboms" / "sbom.cdx.json").is_file()
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text("{}")
    tarball = tmp_path / artifacts["typescript"].filename
    install = [*npm_command(), "install", "--offline", "--no-audit", "--no-fund", str(tarball)]
    subprocess.run(install, cwd=project, check=True, capture_output=True, env=node_environment())
    assert (project / "node_modules" / "@org" / "schema-types" / "sbom.cdx.json").is_file()
