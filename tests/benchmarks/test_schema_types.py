"""The types package beside validator libraries and Prisma's generators for zod: speed, size, compile time.

Times are shown and written down, never asserted; docs/benchmarks has what this writes. Names that differ
weigh more than those of the made-up models: ``SCHEMA_TYPES_SCHEMA`` is the file of a schema to measure too.
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
_COMPILES = 5
_OWN_SCHEMA = "SCHEMA_TYPES_SCHEMA"
_TIMEOUT_SECONDS = 600
_FORMS = {"row": "A row, with Date and bigint", "json": "Its JSON form; `to a row` converts it too"}
_GENERATORS = {
    "zod-prisma-types, without input types": (
        "zod-prisma-types",
        ("createInputTypes = false", "createPartialTypes = false", "createRelationValuesTypes = false"),
    ),
    "prisma-zod-generator, minimal": ("prisma-zod-generator", ('mode = "minimal"',)),
}
#: A page with one validator of each library, of five fields: what its core weighs.
_PAGES = {
    "zod 4": """
        import * as z from "zod";
        globalThis.page = z.object({
          id: z.bigint(), name: z.string().max(255), age: z.int32(), made: z.date(),
          kind: z.enum(["OLD", "NEW"])
        });
    """,
    "valibot": """
        import * as v from "valibot";
        globalThis.page = v.object({
          id: v.bigint(), name: v.pipe(v.string(), v.maxLength(255)), age: v.pipe(v.number(), v.integer()),
          made: v.date(), kind: v.picklist(["OLD", "NEW"])
        });
    """,
    "arktype": """
        import { type } from "arktype";
        globalThis.page = type({
          id: "bigint", name: "string <= 255", age: "number.integer", made: "Date", kind: "'OLD' | 'NEW'"
        });
    """,
    "ajv with ajv-formats": """
        import Ajv from "ajv";
        import formats from "ajv-formats";
        globalThis.page = formats(new Ajv()).compile({ type: "object" });
    """,
}
_INTRODUCTION = """\
# The types package compared with its peers

{conditions}. Peers: {peers}.
**Compare the ratios**: absolute times depend on the machine and on what else it does.

- Speed: batches of 500 checks of one valid row of ten fields, in turn; the fastest tenth of 1,500 batches,
  which other load affects least. The peers have the same limits, by hand. zod, arktype, ajv and typia compile
  code (typia before the program runs); `no eval` is zod under a policy without `unsafe-eval`.
  Ours and valibot never compile text. typia and ajv let unknown fields through and copy nothing.
- Size: minified by esbuild and gzipped; {models} models of 13 columns each, with the same names.{other}
- Compile: processor seconds of TypeScript 5.9 beyond an empty program, the least of {compiles}, for a program
  that uses every model. Prisma's generators for zod write TypeScript and no declarations; compiled once.

To measure again, on an idle machine, into `dist/benchmarks/schema-types.md`, with a real schema beside the
made-up one:

```
export {own_schema}=path/to/schema.prisma
.venv/bin/python -m pytest -m benchmark tests/benchmarks -k schema_types
```
"""


@pytest.fixture(scope="module")
def tools() -> Path:
    return installed(_HERE) / "node_modules"


@pytest.fixture(scope="module")
def many(bridge: PrismaBridge) -> Schema:
    return bridge.parse(schema_of(_MODELS))


@pytest.fixture(scope="module")
def real(bridge: PrismaBridge) -> Schema | None:
    """The schema that whoever measures asks for."""
    place = os.environ.get(_OWN_SCHEMA)
    return None if place is None else bridge.parse(Path(place).read_text("utf-8"))


@pytest.fixture(scope="module")
def front_end(tools: Path, many: Schema, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package for many models, and the peers."""
    return _consumer(tmp_path_factory.mktemp("types"), tools, many)


def test_the_types_package(
    bridge: PrismaBridge,
    tools: Path,
    many: Schema,
    real: Schema | None,
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
        own_schema=_OWN_SCHEMA,
        other=_described(real) if real else "",
    )
    speeds = _speeds(_consumer(tmp_path_factory.mktemp("speed"), tools, one))
    of_real = _consumer(tmp_path_factory.mktemp("real"), tools, real) if real else None
    sizes = _sizes(front_end, many)
    compiles = _own_compiles(front_end, many, "made-up")
    if real and of_real:
        sizes += _own_sizes(of_real, real, "real schema")
        compiles += _own_compiles(of_real, real, "real schema")
    compiles += _compiles_of_generators(front_end, tools)
    head = ("program", "with skipLibCheck, s", "with all declarations checked, s")
    parts = [
        introduction,
        *speeds,
        f"## Size\n\n{_table(('page', 'minified, bytes', 'gzipped, bytes'), sizes)}\n",
        f"## Compile\n\n{_table(head, compiles)}\n",
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


def _described(schema: Schema) -> str:
    columns = sum(len(model.columns) for model in schema.models)
    counts = f"{len(schema.models)} models, {columns} columns and {len(schema.enums)} enums"
    return f"\n  The real schema has {counts}."


def _sizes(folder: Path, schema: Schema) -> list[tuple[str, str, str]]:
    peers = [(name, *_weight(folder, source)) for name, source in _PAGES.items()]
    return [*_own_sizes(folder, schema, "made-up"), *peers]


def _own_sizes(folder: Path, schema: Schema, kind: str) -> list[tuple[str, str, str]]:
    models = [model.name for model in schema.models]
    everything = f"all {len(models)}"
    pages = {
        "one model": _page("validators", [f"{models[0]}Schema"]),
        "two models": _page("validators", [f"{name}Schema" for name in models[:2]]),
        everything: _page("validators", [f"{name}Schema" for name in models]),
        "one model with labels": _page("meta", [f"{models[0]}Meta"]),
        f"`toJson` of {everything}": _page("json", ["toJson"]),
    }
    rows = [(f"ours, {kind}: {name}", *_weight(folder, source)) for name, source in pages.items()]
    tarball = len(pack(TypesTarget().generate(_request(schema))).content)
    return [*rows, (f"ours, {kind}: the tarball of {everything}", "", f"{tarball:,}")]


def _page(entry: str, names: Sequence[str]) -> str:
    used = ", ".join(names)
    return f"import {{ {used} }} from '@org/schema-types/{entry}'; globalThis.page = [{used}];"


def _weight(folder: Path, source: str) -> tuple[str, str]:
    (folder / "page.mjs").write_text(source)
    esbuild = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ["--bundle", "--minify", "--format=esm", "--log-level=error"]
    text = run([node_executable(), esbuild, "page.mjs", *options], folder, node_environment()).encode()
    return f"{len(text):,}", f"{len(gzip.compress(text, 9)):,}"


def _own_compiles(folder: Path, schema: Schema, kind: str) -> list[tuple[str, str, str]]:
    names = [model.name for model in schema.models]
    programs = {
        "rows and their JSON forms": _typed([*names, *(f"{name}Json" for name in names)]),
        "validators": _valued("validators", [f"{name}Schema" for name in names]),
        "metadata": _valued("meta", [f"{name}Meta" for name in names]),
    }
    rows = []
    for number, (name, source) in enumerate(programs.items()):
        (folder / f"program{number}.mts").write_text(source)
        skipping, checking = (_beyond_empty(folder, f"program{number}.mts", skips) for skips in (True, False))
        rows.append((f"ours, {kind}: {name}", f"{skipping:.2f}", f"{checking:.2f}"))
    return rows


def _compiles_of_generators(folder: Path, tools: Path) -> list[tuple[str, str, str]]:
    rows = []
    for name, (generator, options) in _GENERATORS.items():
        lines = _generated(folder, generator, options, tools)
        try:
            taken = f"{_beyond_empty(folder, f'{generator}.mts', True, times=1):.2f}"
        except subprocess.TimeoutExpired:
            taken = f"over {_TIMEOUT_SECONDS}, stopped"
        rows.append((f"{name}: {lines:,} lines", taken, ""))
    return rows


def _beyond_empty(folder: Path, source: str, skips: bool, times: int = _COMPILES) -> float:
    """Processor seconds of the program ``source`` beyond an empty one, each in turn."""
    (folder / "empty.mts").write_text("export {};\n")
    taken = {"empty.mts": 3600.0, source: 3600.0}
    for _ in range(times):
        for file, least in taken.items():
            taken[file] = min(least, _seconds_of(folder, file, skips))
    return taken[source] - taken["empty.mts"]


def _typed(names: Sequence[str]) -> str:
    used = "".join(f"export type Used{name} = {name};\n" for name in names)
    return f"import type {{ {', '.join(names)} }} from '@org/schema-types';\n{used}"


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
    places = [file.relative_to(folder).as_posix() for file in sources]
    used = [f'import * as m{number} from "./{place}";\n' for number, place in enumerate(places)]
    everything = ", ".join(f"m{number}" for number in range(len(places)))
    (folder / f"{generator}.mts").write_text("".join(used) + f"export const all = [{everything}];\n")
    return sum(len(file.read_text("utf-8").splitlines()) for file in sources)


def _seconds_of(folder: Path, source: str, skips: bool) -> float:
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
    return _processor_seconds(folder)


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
