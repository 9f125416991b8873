"""Writes docs/problems: a page per room with each code's meaning and examples, and an index of all codes.

`make docs` runs it; the sources are the ``problem_codes.py`` of the rooms.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generators.problem_codes import GENERATORS_CODES
from migrations.problem_codes import MIGRATIONS_CODES
from migrations.runner_problem_codes import RUNNER_CODES
from schemas.problem_code import Example, ProblemCode
from schemas.problem_codes import SCHEMAS_CODES

from .problem_codes import REGISTRY_CODES
from .release_jobs.problem_codes import RELEASE_JOBS_CODES
from .service_problem_codes import SERVICE_CODES
from .trust.problem_codes import TRUST_CODES

FOLDER = Path(__file__).parents[1] / "docs" / "problems"

#: Page, title, what is on it, and the codes.
PAGES: tuple[tuple[str, str, str, Sequence[ProblemCode]], ...] = (
    (
        "schemas",
        "Schemas and workspaces",
        "the schema, its versions, and the files of a workspace",
        SCHEMAS_CODES,
    ),
    ("migrations", "Migrations", "scripts, planning and rehearsals", MIGRATIONS_CODES),
    ("runner", "The migration runner", "the migrations package when it runs on a database", RUNNER_CODES),
    ("packages", "Packages", "names in generated packages, and their packing", GENERATORS_CODES),
    (
        "registries",
        "Publishing and commands",
        "commands, settings, registries, releases and the API",
        REGISTRY_CODES,
    ),
    (
        "publishing",
        "Publishing over the API",
        "drafts that are uploaded, release jobs, and the storage of artifacts",
        RELEASE_JOBS_CODES,
    ),
    ("service", "The service", "the API as it is served: who may use it, and how it is", SERVICE_CODES),
    ("trust", "Trust", "keys, signatures, verifying releases, and what consumers install", TRUST_CODES),
)
_GENERATED = "<!-- Written by `make docs` from the problem_codes.py of each room: edit those. -->"
_INTRODUCTION = """\
# Problems by code

Every error and warning has a code that never changes. Commands print it in brackets after `error` or
`warning`; it is `code` in the output of `--json`, in each of the `problems` that the API returns, and in the
migration runner's JSON lines and `RunnerError`. Search this folder for the code that you see."""


def pages() -> dict[str, str]:
    """Every page by its file name."""
    written = {f"{name}.md": _page(title, about, codes) for name, title, about, codes in PAGES}
    return {"index.md": _index(), **written}


def _index() -> str:
    lines = [_GENERATED, _INTRODUCTION]
    for name, title, about, codes in PAGES:
        lines += ["", f"## [{title}]({name}.md)", f"{about[0].upper()}{about[1:]}.", ""]
        lines += ["| code | meaning |", "| --- | --- |"]
        lines += [_row(f"{name}.md", each) for each in _sorted(codes)]
    return "\n".join(lines) + "\n"


def _row(page: str, code: ProblemCode) -> str:
    return f"| [`{code.code}`]({page}#{_anchor(code.code)}) | {code.meaning} |"


def _page(title: str, about: str, codes: Sequence[ProblemCode]) -> str:
    lines = [_GENERATED, f"# {title}", "", f"The problems of {about}. [All codes](index.md)."]
    for each in _sorted(codes):
        lines += ["", f"## {each.code}", each.meaning, "", "```text"]
        lines += [shown_example(each.code, example) for example in each.examples]
        lines.append("```")
    return "\n".join(lines) + "\n"


def shown_example(code: str, example: Example) -> str:
    """The example as the command line prints it."""
    place = f"{example.place}: " if example.place else ""
    first, *more = example.message.split("\n")
    details = "".join(f"\n    {line}" for line in more)
    return f"{place}{example.severity}[{example.code or code}]: {first}{details}\n  fix: {example.fix}"


def _sorted(codes: Sequence[ProblemCode]) -> list[ProblemCode]:
    return sorted(codes, key=lambda each: each.code)


def _anchor(code: str) -> str:
    """What GitHub makes of a heading."""
    return code.replace("*", "")


def main() -> None:
    """Replace the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
