"""The code before and after each change compiles with the packages of its version, and only there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import pytest

from generators.python_client.generate import PythonClientTarget
from generators.python_client.view import model_views
from generators.target import GenerationRequest, PackageNames
from generators.typescript_types.generate import TypesTarget
from generators.upgrade_guide.examples import CodeLanguage, code_examples
from generators.upgrade_guide.typescript_code import TypeScriptCode
from schemas.answers import Rename
from schemas.comparison.change import Change
from schemas.comparison.compare import compare
from schemas.model import Schema
from schemas.partial_types.checking import with_partial_types
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable
from schemas.prisma.toolchain import installed
from schemas.versions import SchemaVersion
from schemas.workspace.init_workspace import create_workspace

_TIMEOUT_SECONDS = 280
_NAMES = PackageNames()
_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_AWKWARD = (
    """
enum Kind {
  None
  title
}

model Value {
  id    Int    @id
  class Int
  from  String
  kind  Kind
  day   DateTime
  sum   Decimal
  raw   Bytes
  json  Json
  big   BigInt
  gone  Float[]

  @@unique([class, from], name: "lambda")
  @@unique([kind, day])
  @@unique([sum, raw])
}
""",
    """
enum Kind {
  None
  str
}

model Value {
  id    Int    @unique
  class Int?
  from  String
  kind  Kind
  day   DateTime?
  sum   Decimal
  raw   Bytes
  json  Json?
  big   Int
  more  Boolean[]

  @@id([from, kind])
  @@unique([class, from], name: "other")
  @@unique([big])
}
""",
)
_PARTIALS = (
    'from schema_client.models import Value\n\nValue.create_partial("Old", include={"id"})\n',
    'from schema_client.models import Value\n\nValue.create_partial("New", include={"id"})\n',
)
#: What in TypeScript isn't the package's.
_BUILT_IN = {"Date", "Uint8Array"}


@dataclass(frozen=True)
class Snippet:
    """One line, in a file for the packages of ``version``; ``fails``: it has to be refused there."""

    change: Change
    version: str
    line: str
    fails: bool
    language: CodeLanguage


@dataclass(frozen=True)
class Guide:
    """All snippets, and the schemas by version."""

    schemas: Mapping[str, Schema]
    snippets: list[Snippet] = field(default_factory=list)

    def add(self, old: str, new: str, renames: tuple[Rename, ...]) -> None:
        before, after = self.schemas[old], self.schemas[new]
        changes = compare(before, after, renames)
        for change, examples in code_examples(before, after, changes, _NAMES).items():
            for language, example in examples.items():
                for line, version, other in ((example.before, old, new), (example.after, new, old)):
                    if line is not None:
                        self.snippets.append(Snippet(change, version, line, False, language))
                        if change.kind in ("added", "removed", "renamed"):
                            self.snippets.append(Snippet(change, other, line, True, language))

    def of(self, language: CodeLanguage) -> Iterator[tuple[int, Snippet]]:
        return ((n, each) for n, each in enumerate(self.snippets) if each.language == language)


@pytest.fixture(scope="module")
def guide(bridge: PrismaBridge, tmp_path_factory: pytest.TempPathFactory) -> Guide:
    workspace = create_workspace(tmp_path_factory.mktemp("sample"), name="schema", sample=True)
    sources = {str(version): workspace.load(version) for version in workspace.versions()}
    schemas = {version: bridge.parse(source.schema_text) for version, source in sources.items()}
    for number, (text, partials) in enumerate(zip(_AWKWARD, _PARTIALS, strict=True), start=1):
        schemas[f"{number}.9.9"] = with_partial_types(bridge.parse(_HEAD + text), partials)
    guide = Guide(schemas)
    guide.add("1.0.0", "1.1.0", sources["1.1.0"].renames)
    guide.add("1.1.0", "2.0.0", sources["2.0.0"].renames)
    guide.add("1.9.9", "2.9.9", (("Kind.title", "Kind.str"),))
    return guide


@pytest.fixture(scope="module")
def folder(guide: Guide, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each version, with the sources of its Python client and of its types."""
    folder = tmp_path_factory.mktemp("guide").resolve()
    for version, schema in guide.schemas.items():
        request = GenerationRequest(
            schema_name="shop",
            version=SchemaVersion.parse(version),
            description="",
            author=None,
            schema=schema,
            migrations=(),
            names=_NAMES,
        )
        python = dict(PythonClientTarget().generate(request).files)
        types = TypesTarget().generate(request).files.under(f"node_modules/{_NAMES.typescript_types}")
        for path, content in (python | dict(types)).items():
            file = folder / version / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return folder


def test_what_changed_in_the_sample_is_shown_in_both_languages(guide: Guide) -> None:
    lines = {(each.version, each.line) for each in guide.snippets if not each.fails}
    assert ("1.1.0", "value: int = review.stars") in lines
    assert ("2.0.0", "value: int = review.rating") in lines
    assert ("1.1.0", "const value: string | null = review.body;") in lines
    assert ("2.0.0", "const value: string = review.body;") in lines
    assert ("1.9.9", 'row = await db.value.find_unique({"lambda": {"class": 1, "from": "..."}})') in lines
    assert ("2.9.9", 'const key: ValueKey = { other: { class: 1, from: "..." } };') in lines
    assert {each.change.subject for each in guide.snippets} >= {
        *("model", "field", "relation", "enum", "value", "key", "partial"),
    }


def test_python_compiles_where_it_says_and_only_there(guide: Guide, folder: Path) -> None:
    files = {}
    for number, each in guide.of("python"):
        files[f"{each.version}/snippet_{number}.py"] = each
        (folder / each.version / f"snippet_{number}.py").write_text(
            _python(guide.schemas[each.version], each)
        )
    settings = {
        "typeCheckingMode": "standard",
        "pythonVersion": "3.11",
        "include": sorted(files),
        "executionEnvironments": [{"root": version} for version in guide.schemas],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    tool = str(Path(sys.executable).parent / "basedpyright")
    done = _ran([tool, "--pythonpath", sys.executable, "--outputjson"], folder)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] >= len(files)
    errors = {
        Path(item["file"]).relative_to(folder).as_posix()
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    }
    _compare(files, errors)


def test_typescript_compiles_where_it_says_and_only_there(guide: Guide, folder: Path) -> None:
    files = {}
    for number, each in guide.of("typescript"):
        files[f"{each.version}/snippet_{number}.mts"] = each
        (folder / each.version / f"snippet_{number}.mts").write_text(
            _typescript(guide.schemas[each.version], each)
        )
    options = {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "module": "nodenext",
        "lib": ["es2022"],
        "types": [],
        "skipLibCheck": True,
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": sorted(files)}))
    compiler = installed(Path(str(resources.files("registry.local")))) / "node_modules" / "typescript"
    done = _ran([str(node_executable()), str(compiler / "bin" / "tsc"), "--pretty", "false"], folder)
    errors = set(re.findall(r"^([\w./-]+\.mts)\(", done.stdout, re.MULTILINE))
    _compare(files, errors)


def _compare(files: Mapping[str, Snippet], errors: set[str]) -> None:
    assert files
    wrong = [
        (each.version, each.line, each.fails)
        for name, each in files.items()
        if (name in errors) != each.fails
    ]
    assert wrong == []


def _python(schema: Schema, snippet: Snippet) -> str:
    given = ["db: AsyncClient"]
    for view in model_views(schema):
        row = "row" if view.accessor == "value" else view.accessor
        given += [] if f"{row} = " in snippet.line else [f"{row}: models.{view.name}"]
    return f"""\
import datetime
import decimal

import pydantic
from schema_client import AsyncClient, Base64, enums, models, partials


async def use({", ".join(given)}) -> None:
    {snippet.line}
"""


def _typescript(schema: Schema, snippet: Snippet) -> str:
    if snippet.line.startswith("import "):
        return f"{snippet.line}\n"
    package = _NAMES.typescript_types
    names = sorted(set(re.findall(r"\b[A-Z]\w+", re.sub(r'"[^"]*"|\.\w+', "", snippet.line))) - _BUILT_IN)
    row = re.search(r"= (\w+)\.\w+;$", snippet.line)
    lines = [f'import {{ {", ".join(names)} }} from "{package}";'] if names else []
    if row is not None and row[1] not in schema.enums_by_name and snippet.change.subject != "value":
        owner = next(
            name
            for name in schema.models_by_name
            if row[1] in (name[0].lower() + name[1:], "row" if name == "Value" else "")
        )
        lines += [
            f'import type * as all from "{package}";',
            f"declare const {row[1]}: all.{owner}WithRelations;",
        ]
    return "\n".join([*lines, snippet.line, "export {};", ""])


def _ran(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=node_environment(),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )


def test_a_name_that_code_can_not_use_has_no_line(guide: Guide) -> None:
    code = TypeScriptCode(guide.schemas["2.0.0"], "@org/x")
    assert code.of("field", "Review.searchDocument", ()) is None
    assert code.of("key", "Review", ("title",)) is None
