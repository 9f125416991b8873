"""Text that others wrote, in the terminal: shown, never obeyed."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from registry.cli.output import say, say_lines, show_problem, visible
from schemas.errors import Problem

from ....command_line import CommandLine

HOSTILE = (
    "[bold red]x[/] [/] [link=http://x]y[/link] :smile: \x1b[31mred\x1b[0m \x1b]0;title\x07 "
    "\u202egnp.exe\u202c \u2028 \x9b31m \x08\x7f \r\noverwritten \udc80 \U000e0041 back\\"
)


def test_what_a_terminal_would_obey_is_spelt_out() -> None:
    shown = visible(HOSTILE)
    assert shown.isprintable()
    for escaped in ("\\u001b[31m", "\\u202e", "\\u2028", "\\u009b", "\\r\\n", "\\udc80", "\\U000e0041"):
        assert escaped in shown
    assert visible("Žluťoučký 日本語 ✓ 👍") == "Žluťoučký 日本語 ✓ 👍"


@pytest.mark.parametrize("text", [HOSTILE, "[/]", "[", "\\[", "\\", "[bold]", ":tada:", "a\\[b]"])
def test_a_line_is_that_line_whatever_is_in_it(text: str) -> None:
    for colours in (False, True):
        console = Console(
            file=io.StringIO(), force_terminal=colours, color_system=None, markup=False, emoji=False, width=20
        )
        console.soft_wrap = True
        say("before ", (text, "bold"), " after", to=console)
        written = console.file.getvalue()  # type: ignore[attr-defined]
        plain = written.replace("\x1b[1m", "").replace("\x1b[0m", "") if colours else written
        assert plain == f"before {visible(text)} after\n"


def test_several_lines_stay_behind_their_indent(capsys: pytest.CaptureFixture[str]) -> None:
    say_lines("one\nerror: forged\n\x1b[2Jthree", indent="  ")
    assert capsys.readouterr().out == "  one\n  error: forged\n  \\u001b[2Jthree\n"


def test_a_problem_can_forge_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(
        code="x",
        message="first\nerror: forged",
        fix="do\nthis",
        file="a\nerror: b[/]\x1b[0m.prisma",
        line=3,
        column=7,
    )
    show_problem(problem)
    assert capsys.readouterr().err == (
        "a\\nerror: b[/]\\u001b[0m.prisma:3:7: error[x]: first\n    error: forged\n  fix: do\\nthis\n"
    )


def test_untrusted_text_of_a_workspace_is_shown_as_text(cli: CommandLine) -> None:
    cli.with_workspace()
    cli.write(
        "schemas/1.0.0/version.toml",
        'description = "[bold]x[/] [/] \\u001b[31m\\u202e:smile: \\nstatus: published"\nauthor = "[red]me"\n',
    )
    cli.write("schemas/1.0.0/CHANGELOG.md", "# 1.0.0\n\n- \x1b[2J[bold]cleared[/bold]\n")
    shown = cli.run("show", "1.0.0").output
    assert "[bold]x[/] [/] \\u001b[31m\\u202e:smile: \\nstatus: published" in shown
    assert "[red]me" in shown
    assert "  - \\u001b[2J[bold]cleared[/bold]" in shown
    (cli.folder / "schemas" / "[red]\x1b[31m").mkdir()
    told = cli.run("check", "1.0.0").errors
    assert "schemas/[red]\\u001b[31m: error[not-a-version]: " in told
    for text in (cli.run("check", HOSTILE), cli.run("migration", "new", HOSTILE), cli.run(HOSTILE)):
        assert text.exit_code in (1, 2)
        assert "\x1b" not in text.errors
        assert "\u202e" not in text.errors
        assert text.errors.count("\n") == 2


def test_a_problem_in_a_report_has_the_same_form() -> None:
    problem = Problem(code="x", message="m", fix="f", file="a.sql", line=3, column=7, severity="warning")
    assert str(problem) == "a.sql:3:7: warning[x]: m\n  fix: f"
