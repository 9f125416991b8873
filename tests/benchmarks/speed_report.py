"""What the peers took, as Markdown: ours in µs, every peer as a ratio to the raw driver and to ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

OURS = "schema-client"
#: ``{operation: {peer: [seconds for one, ...]}}``, a value a round.
Times = Mapping[str, Mapping[str, Sequence[float]]]


def speed_table(title: str, times: Times, drivers: Sequence[str]) -> str:
    """How every peer compares with ours; ``drivers`` are the raw ones, of which the fastest counts."""
    peers = [name for name in next(iter(times.values())) if name != OURS]
    head = ["operation", "ours, µs", *peers, "fastest driver", "ours : it", "fastest rounds"]
    rows = [_row(operation, taken, peers, drivers) for operation, taken in times.items()]
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    rounds = len(next(iter(next(iter(times.values())).values())))
    return f"## {title}\n\n{_NOTE.format(rounds=rounds)}\n\n{table}\n"


_NOTE = """\
A peer's column is its time over ours: the median over {rounds} interleaved rounds, within each.
`ours : it` is our time over the fastest raw driver's, and the same of the fastest round of each, which other
load affects least."""


def _row(
    operation: str, taken: Mapping[str, Sequence[float]], peers: Sequence[str], drivers: Sequence[str]
) -> list[str]:
    ours = taken[OURS]
    fastest = min(drivers, key=lambda name: median(taken[name]))
    return [
        operation,
        f"{median(ours) * 1e6:,.0f}",
        *(f"{_ratio(taken[name], ours):.2f}" for name in peers),
        fastest,
        f"{_ratio(ours, taken[fastest]):.2f}",
        f"{min(ours) / min(taken[fastest]):.2f}",
    ]


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    return median(this / that for this, that in zip(these, those, strict=True))
