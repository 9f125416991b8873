"""The rounds as Markdown: ratios first, then where the time goes, then what each side includes."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Sequence
from statistics import median

from .hand_pipeline import TOOLS
from .rounds import Round

_Measure = Callable[[Round], float]
_Rows = Sequence[Sequence[str]]

_INCLUDED = """\
**With every gate** is `schema-service publish`: it validates the schema, compares it with the version
before, plans, rehearses every migration on a Postgres that it starts for that, generates and packs, installs
each of the four packages into a clean consumer of its own and imports it, lets the usual tools
[look at them](package-gates.md), uploads, reads every file back and compares digests, and moves `latest`.
By hand there are none of these checks: only the commands below, and at the end the packages are installed
from the registries into one clean Python and one clean Node consumer.

**Beside a running `up`** is the same command while `schema-service up` runs for the workspace: the registries
are those of `up`, whose Prisma engine is warm and is asked instead of starting one, and the command is run by
a process of `up` that has imported what it needs.

A step's time in the tables below is what the release still waited for in it. Each package is built, installed
and imported as soon as what it depends on is known: three of them while the migrations are rehearsed.

**Generate, pack and upload** is only that part on both sides: by hand from `prisma generate` to
`twine upload`, for us the same program without its gates and installs. Both of our times are of whole
processes, from the start of the interpreter and of Node to the end.

The pipeline by hand is as fast as we could make it:

- No generator that is still maintained makes a Python client or a migrations package of a Prisma schema. So
  by hand their sources are there from the start, like all manifests, for nothing; ours generates all four.
- Prisma's CLI downloads a schema engine on first use, which generating never runs;
  `PRISMA_SCHEMA_ENGINE_BINARY` prevents that, and its check for updates is off.
- `tsc` is the newest, native compiler. It runs once for both npm packages and checks no dependency's types.
- `python -m build` runs with `--no-isolation`, so it downloads nothing.
- The commands follow each other without a pause.
"""


class Report:
    """Collects the rounds of every case."""

    def __init__(self) -> None:
        self._ratios: list[list[str]] = []
        self._sections: list[str] = []
        self._rounds = 0

    @property
    def is_empty(self) -> bool:
        return not self._ratios

    def add(self, title: str, rounds: Sequence[Round]) -> None:
        """Take over the rounds of one case. Ratios are medians over the rounds, each within its own round."""
        self._rounds = max(self._rounds, len(rounds))
        self._ratios += [
            _comparison(f"{title}: with every gate, and installed", rounds, _by_hand, _gated),
            _comparison("the same, by hand with uv for the venv and pip", rounds, _by_hand_with_uv, _gated),
            _comparison("with every gate, beside a running `up`", rounds, _by_hand, _beside_up),
            _comparison(
                "the same, by hand with uv for the venv and pip", rounds, _by_hand_with_uv, _beside_up
            ),
            _comparison("generate, pack and upload only", rounds, _publishing, _bare),
        ]
        self._sections.append(_details(title, rounds))

    def to_markdown(self) -> str:
        return "\n".join(
            [
                "# Publishing one version: by hand against schema-service",
                "",
                f"Medians of {self._rounds} interleaved rounds with warm caches; {_conditions()}.",
                "The ratio is the time by hand over ours, within one round: its median, and its range.",
                "",
                _table(("what", "by hand, s", "schema-service, s", "ratio", "range"), self._ratios),
                "",
                _INCLUDED,
                *self._sections,
            ]
        )


def _comparison(what: str, rounds: Sequence[Round], theirs: _Measure, ours: _Measure) -> list[str]:
    ratios = [theirs(each) / ours(each) for each in rounds]
    return [
        what,
        _median(rounds, theirs),
        _median(rounds, ours),
        f"{median(ratios):.1f}",
        f"{min(ratios):.1f} to {max(ratios):.1f}",
    ]


def _details(title: str, rounds: Sequence[Round]) -> str:
    return "\n".join(
        [
            f"## {title}: where the time goes",
            "",
            _table(("by hand", "s"), _by_hand_rows(rounds)),
            "",
            _table(("`schema-service publish`", "s"), _our_rows(rounds)),
            "",
        ]
    )


def _by_hand_rows(rounds: Sequence[Round]) -> _Rows:
    commands = [
        *_medians([each.hand_publishing for each in rounds]),
        *_medians([each.hand_installing for each in rounds]),
    ]
    return [*commands, ["**all of it**", _median(rounds, _by_hand)]]


def _our_rows(rounds: Sequence[Round]) -> _Rows:
    around = _median(rounds, lambda each: each.gated - sum(each.our_steps.values()))
    steps = _medians([each.our_steps for each in rounds])
    total = ["**all of it**", _median(rounds, _gated)]
    return [*steps, ["around them: starting Python and Node, settings, sealing", around], total]


def _medians(tables: Sequence[dict[str, float]]) -> list[list[str]]:
    return [[name, f"{median(table[name] for table in tables):.2f}"] for name in tables[0]]


def _median(rounds: Sequence[Round], measure: _Measure) -> str:
    return f"{median(map(measure, rounds)):.2f}"


def _publishing(each: Round) -> float:
    return sum(each.hand_publishing.values())


def _by_hand(each: Round) -> float:
    return _publishing(each) + sum(each.hand_installing.values())


def _by_hand_with_uv(each: Round) -> float:
    return _publishing(each) + sum(each.hand_installing_with_uv.values())


def _gated(each: Round) -> float:
    return each.gated


def _beside_up(each: Round) -> float:
    return each.beside_up


def _bare(each: Round) -> float:
    return each.bare


def _conditions() -> str:
    tools = json.loads((TOOLS / "package.json").read_text("utf-8"))["dependencies"]
    cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    versions = f"Prisma {tools['prisma']}, TypeScript {tools['typescript']}"
    return f"{cores} cores, Python {platform.python_version()}, {versions}"


def _table(head: Sequence[str], rows: _Rows) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
