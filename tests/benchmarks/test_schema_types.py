"""The types package beside validator libraries and Prisma's generators for zod: speed, size, time of a compile.

Times are shown and written down, never asserted. dist/benchmarks/schema-types.md is the page docs/benchmarks has.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import resource
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import quantiles

import pytest

from generators.packing import pack
from generators.target import GenerationRequest, PackageNames
from generators.typescript_types.generate import TypesTarget
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.prisma.nodejs import node_environment, node_executable
from schemas.prisma.toolchain import installed
from schemas.versions import SchemaVersion

from .many_models import schema_of
from .programs import run

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

_HERE = Path(__file__).parent / "schema_types"
_RESULT = Path(__file__).parents[2] / "dist" / "benchmarks" / "schema-types.md"
_MODELS = 71
_COMPILES = 3
_TIMEOUT_SECONDS = 600
_FORMS = {"row": "A row, with Date and bigint", "json": "Its JSON form; `to a row` converts it too"}
_GENERATORS = {
    "zod-prisma-types, without input types": (
        "zod-prisma-types",
        ("createInputTypes = false", "createPartialTypes = false", "createRelationValuesTypes = false"),
    ),
    "prisma-zod-generator, minimal": ("prisma-zod-generator", ('mode = "minimal"',)),
}
_ZOD_FIELDS = (
    "id: z.bigint(), name: z.string().max(255), age: z.int32(), made: z.date(), kind: z.enum(['OLD', 'NEW'])"
)
#: A page with one validator of each library, of five fields: what its core weighs.
_PAGES = {
    "zod 4": f"import {{ z }} from 'zod'; globalThis.page = z.object({{ {_ZOD_FIELDS} }});",
    "valibot": "import * as v from 'valibot'; globalThis.page = v.object({ id: v.bigint(), name: v.pipe(v.string(), "
    "v.maxLength(255)), age: v.pipe(v.number(), v.integer()), made: v.date(), kind: v.picklist(['OLD', 'NEW']) });",
    "arktype": "import { type } from 'arktype'; globalThis.page = type({ id: 'bigint', name: 'string <= 255', "
    "age: 'number.integer', made: 'Date', kind: \"'OLD' | 'NEW'\" });",
    "ajv with ajv-formats": "import Ajv from 'ajv'; import formats from 'ajv-formats'; "
    "globalThis.page = formats(new Ajv()).compile({ type: 'object' });",
}
_INTRODUCTION = """\
# The types package compared with its peers

{conditions}. Peers: {peers}.
**Compare the ratios**: absolute times depend on the machine and on what else it does.

- Speed: batches of 500 checks of one valid row of ten fields, in turn; the fastest tenth of 1,500 batches, which
  other load affects least. The peers have the same limits by hand. zod, arktype, ajv and typia compile code (typia
  before the program runs); `no eval` is what zod does under a content security policy without `unsafe-eval`. Ours
  and valibot never compile text. typia and ajv leave unknown fields in; ajv and typia check fewer rules of text.
- Size: minified by esbuild and gzipped; {models} models of 13 columns with the same names. A schema with names of
  its own in each model is larger: a public one of {models} models and 736 columns is 4.5 KB of names, types and
  enum values beyond the shared core.
- Compile: seconds of processor time of TypeScript 5.9 beyond an empty program, the least of {compiles}, of a program
  that uses every model.

To measure again, on an idle machine: `.venv/bin/python -m pytest -m benchmark tests/benchmarks -k schema_types`
writes this page to `dist/benchmarks/schema-types.md`.
"""


@pytest.fixture(scope="module")
def tools() -> Path:
    return installed(_HERE) / "node_modules"


@pytest.fixture(scope="module")
def many(bridge: PrismaBridge) -> Schema:
    return bridge.parse(schema_of(_MODELS))


@pytest.fixture(scope="module")
def front_end(tools: Path, many: Schema, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package for many models, and the peers."""
    return _consumer(tmp_path_factory.mktemp("types"), tools, many)


def test_the_types_package(
    bridge: PrismaBridge,
    tools: Path,
    many: Schema,
    front_end: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    one = bridge.parse((_HERE / "schema.prisma").read_text("utf-8"))
    versions = json.loads((_HERE / "package.json").read_text("utf-8"))["dependencies"]
    named = ("zod", "valibot", "arktype", "ajv", "typia", "zod-prisma-types", "prisma-zod-generator")
    introduction = _INTRODUCTION.format(
        conditions=f"{os.cpu_count()} cores, Node {_node_version()}, {platform.system()}",
        peers=", ".join(f"{name} {versions[name]}" for name in named),
        models=_MODELS,
        compiles=_COMPILES,
    )
    parts = [
        introduction,
        *_speeds(_consumer(tmp_path_factory.mktemp("speed"), tools, one)),
        _sizes(front_end, many),
        _compiles(front_end, many, tools),
    ]
    _RESULT.parent.mkdir(parents=True, exist_ok=True)
    _RESULT.write_text("\n".join(parts), "utf-8")
    print("\n\n" + "\n".join(parts))


def _consumer(folder: Path, tools: Path, schema: Schema) -> Path:
    package = TypesTarget().generate(_request(schema))
    for path, content in package.files.items():
        file = folder / "node_modules" / "@org" / "schema-types" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for peer in tools.iterdir():
        if not peer.name.startswith("."):
            (folder / "node_modules" / peer.name).symlink_to(peer)
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    for file in (*_HERE.glob("*.mjs"), _HERE / "row.ts"):
        shutil.copy(file, folder)
    return folder


def _request(schema: Schema) -> GenerationRequest:
    return GenerationRequest(
        schema_name="many",
        version=SchemaVersion.parse("1.0.0"),
        description="Many models",
        author=None,
        schema=schema,
        migrations=(),
        names=PackageNames(),
    )


def _node_version() -> str:
    return run([node_executable(), "--version"], Path.cwd(), node_environment()).strip()


def _speeds(folder: Path) -> Iterable[str]:
    _node(folder, "typia.mjs")
    for form, title in _FORMS.items():
        times = json.loads(_node(folder, "speed.mjs", form))
        fast = {name: quantiles(each, n=10)[0] for name, each in times.items()}
        ours = next(iter(fast.values()))
        rows = [(name, f"{each:.0f}", f"{each / ours:.2f}") for name, each in fast.items()]
        yield f"## {title}\n\n{_table(('validator', 'ns', 'its time : ours'), rows)}\n"


def _sizes(folder: Path, schema: Schema) -> str:
    models = [model.name for model in schema.models]
    pages = {
        "ours, one model": _page("validators", [f"{models[0]}Schema"]),
        "ours, two models": _page("validators", [f"{name}Schema" for name in models[:2]]),
        f"ours, {_MODELS} models": _page("validators", [f"{name}Schema" for name in models]),
        "ours, one model with labels": _page("meta", [f"{models[0]}Meta"]),
        f"ours, `toJson` of all {_MODELS}": _page("json", ["toJson"]),
        **_PAGES,
    }
    rows = [(name, *_weight(folder, source)) for name, source in pages.items()]
    tarball = pack(TypesTarget().generate(_request(schema))).content
    table = _table(("page", "minified, bytes", "gzipped, bytes"), rows)
    return f"## Size\n\nThe tarball of {_MODELS} models: {len(tarball):,} bytes.\n\n{table}\n"


def _page(entry: str, names: Sequence[str]) -> str:
    return f"import {{ {', '.join(names)} }} from '@org/schema-types/{entry}'; globalThis.page = [{', '.join(names)}];"


def _weight(folder: Path, source: str) -> tuple[str, str]:
    (folder / "page.mjs").write_text(source)
    esbuild = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ["--bundle", "--minify", "--format=esm", "--log-level=error"]
    text = run([node_executable(), esbuild, "page.mjs", *options], folder, node_environment()).encode()
    return f"{len(text):,}", f"{len(gzip.compress(text, 9)):,}"


def _compiles(folder: Path, schema: Schema, tools: Path) -> str:
    names = [model.name for model in schema.models]
    programs = {
        "ours: rows and their JSON forms": _typed(
            "", [name + form for name in names for form in ("", "Json")]
        ),
        "ours: validators": _valued("validators", [f"{name}Schema" for name in names]),
        "ours: metadata": _valued("meta", [f"{name}Meta" for name in names]),
    }
    (folder / "empty.mts").write_text("export {};\n")
    alone = {skips: _least(folder, "empty.mts", skips) for skips in (True, False)}
    rows = []
    for number, (name, source) in enumerate(programs.items()):
        (folder / f"program{number}.mts").write_text(source)
        rows.append(_row(name, folder, f"program{number}.mts", alone))
    for name, (generator, options) in _GENERATORS.items():
        generated = _generated(folder, generator, options, tools)
        rows.append(_row(f"{name}: {generated:,} lines", folder, f"{generator}.mts", alone))
    head = ("program", "with skipLibCheck, s", "with all declarations checked, s")
    return f"## Compile\n\n{_table(head, rows)}\n"


def _typed(entry: str, names: Sequence[str]) -> str:
    used = "".join(f"export type Used{name} = {name};\n" for name in names)
    return f"import type {{ {', '.join(names)} }} from '@org/schema-types{entry}';\n{used}"


def _valued(entry: str, names: Sequence[str]) -> str:
    used = "".join(f"export const used{name} = {name};\n" for name in names)
    return f"import {{ {', '.join(names)} }} from '@org/schema-types/{entry}';\n{used}"


def _generated(folder: Path, generator: str, options: Sequence[str], tools: Path) -> int:
    """Run one of Prisma's generators: how many lines it writes."""
    block = "\n".join(f"  {option}" for option in options)
    client = 'generator client {\n  provider = "prisma-client"\n  output = "client"\n}\n'
    zod = f'generator zod {{\n  provider = "{generator}"\n  output = "{generator}"\n{block}\n}}\n'
    (folder / f"{generator}.prisma").write_text(schema_of(_MODELS) + client + zod)
    environment = node_environment() | {
        "PRISMA_SCHEMA_ENGINE_BINARY": str(node_executable()),
        "CHECKPOINT_DISABLE": "1",
        "PRISMA_HIDE_UPDATE_MESSAGE": "1",
    }
    environment["PATH"] = os.pathsep.join([str(tools / ".bin"), environment["PATH"]])
    prisma = tools / "prisma" / "build" / "index.js"
    run([node_executable(), prisma, "generate", "--schema", f"{generator}.prisma"], folder, environment)
    sources = [file for file in sorted((folder / generator).rglob("*.ts")) if "client" not in file.parts]
    used = [
        f"import * as m{number} from './{file.relative_to(folder)}';" for number, file in enumerate(sources)
    ]
    both = ", ".join(f"m{number}" for number in range(len(sources)))
    (folder / f"{generator}.mts").write_text("\n".join(used) + f"\nexport const all = [{both}];\n")
    return sum(len(file.read_text("utf-8").splitlines()) for file in sources)


def _row(name: str, folder: Path, source: str, alone: dict[bool, float]) -> tuple[str, str, str]:
    taken = {skips: _least(folder, source, skips) for skips in (True, False)}
    shown = {skips: "—" if taken[skips] is None else f"{taken[skips] - alone[skips]:.2f}" for skips in taken}
    return name, shown[True], shown[False]


def _least(folder: Path, source: str, skips: bool) -> float:
    options = {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": skips,
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "types": [],
        "module": "esnext",
        "moduleResolution": "bundler",
        "allowImportingTsExtensions": True,
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": [source]}))
    return min(_processor_seconds(folder) for _ in range(_COMPILES))


def _processor_seconds(folder: Path) -> float:
    command = [str(node_executable()), str(folder / "node_modules" / "typescript" / "bin" / "tsc"), "-p", "."]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        command,
        cwd=folder,
        env=node_environment(),
        stdout=subprocess.DEVNULL,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def _node(folder: Path, *words: str) -> str:
    return run([node_executable(), *words], folder, node_environment())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
