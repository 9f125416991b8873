"""The rounds as Markdown: ours with few and with many versions, and each peer as a ratio to ours."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .load import CONNECTIONS, Load

Rounds = Sequence[Load]

_INCLUDED = """\
Each server is one process, as `schema-service serve` and `up` start it, on the machine of the clients. Ours
has all that `serve` puts before an answer: hosts, rates, an id, a line of the log and a metric for each
request; SQLite for its state. Each round asks each server in turn for {seconds:.0f} s over {connections}
connections that stay open. The versions and pages are asked for in a random order that is the same in each
round, without `If-None-Match`, so that every answer is sent whole; a page has three versions. A round that
isn't counted comes first: what is asked for the first time is made by a query, and takes three to six times
as long as what is kept and sent again, until something is published.

**The peers have the easier question**: three versions of one package each, and the same address again and
again, where ours are asked for any of {many:,} versions. devpi's own metadata is the page of the project that
pip reads, as JSON, and its JSON of a version; Verdaccio's is the packument and the manifest of a version.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom; ``ours`` tells the two sizes apart, None for a peer."""

    what: str
    server: str
    size: int


def report(rounds: Mapping[Question, Rounds], *, seconds: float, many: int) -> str:
    ours = [each for each in rounds if each.server == "schema-service" and each.size == many]
    few = {each.what: each for each in rounds if each.server == "schema-service" and each.size != many}
    peers = [each for each in rounds if each.server != "schema-service"]
    flat = [
        [
            f"`{each.what}`",
            *_figures(rounds[few[each.what]]),
            *_figures(rounds[each]),
            _ratio(rounds[each], rounds[few[each.what]], _rate),
        ]
        for each in ours
    ]
    slowest = min(ours, key=lambda each: median(map(_rate, rounds[each])))
    compared = [
        [
            f"{each.server}: `{each.what}`",
            *_figures(rounds[each]),
            *(_ratio(rounds[our], rounds[each], _rate) for our in ours),
            _ratio(rounds[each], rounds[slowest], _p99),
        ]
        for each in peers
    ]
    count = len(rounds[ours[0]])
    return "\n".join(
        [
            "# Metadata over HTTP: the API against devpi and Verdaccio",
            "",
            f"Medians of {count} interleaved rounds; {os.cpu_count()} cores, "
            f"Python {platform.python_version()}.",
            "",
            f"## With {few[ours[0].what].size} versions and with {many:,}",
            "",
            _table(
                (
                    "address",
                    "few: requests/s",
                    "median, ms",
                    "p99, ms",
                    "many: requests/s",
                    "median, ms",
                    "p99, ms",
                    "many : few",
                ),
                flat,
            ),
            "",
            "## Beside the registries' own metadata",
            "",
            "A ratio is ours over theirs within one round: requests a second for each of our addresses, and",
            f"their p99 over that of our slowest, `{slowest.what}`. Above 1 we are ahead.",
            "",
            _table(
                (
                    "address",
                    "requests/s",
                    "median, ms",
                    "p99, ms",
                    *(f"`{each.what}`" for each in ours),
                    "p99",
                ),
                compared,
            ),
            "",
            _INCLUDED.format(seconds=seconds, connections=CONNECTIONS, many=many),
        ]
    )


def _figures(rounds: Rounds) -> list[str]:
    return [
        f"{median(map(_rate, rounds)):,.0f}",
        f"{median(each.median_ms for each in rounds):.1f}",
        f"{median(map(_p99, rounds)):.1f}",
    ]


def _rate(each: Load) -> float:
    return each.requests_a_second


def _p99(each: Load) -> float:
    return each.p99_ms


def _ratio(these: Rounds, those: Rounds, measure: Callable[[Load], float]) -> str:
    return f"{median(measure(this) / measure(that) for this, that in zip(these, those, strict=True)):.2f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
