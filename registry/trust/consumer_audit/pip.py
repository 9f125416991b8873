"""pip: it takes the highest version of a name from any of its indexes, whatever their order.

Rules: "Configuration" and "Requirements File Format" in pip's user guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from schemas.errors import Problem

from .ours import ConsumerFile, Ours, shown

_CONFIG_NAMES = ("pip.conf", "pip.ini")
_REQUIREMENTS = re.compile(r"(requirements|constraints)[\w.-]*\.(txt|in)")
#: Files in which a command line or a variable of pip may stand.
_SCRIPTS = re.compile(
    r"(Dockerfile|Containerfile|Makefile|justfile)[\w.-]*|.*\.(sh|yml|yaml|env|toml|cfg|dockerfile)|\.env.*"
)
PIP_FILES = re.compile(rf"pip\.conf|pip\.ini|{_REQUIREMENTS.pattern}|{_SCRIPTS.pattern}")
_SETTING = re.compile(r"^\s*(extra[-_]index[-_]url|index[-_]url)\s*[=:]\s*(?P<rest>.*)$")
_OPTION = re.compile(r"--(?P<extra>extra-)?index-url[=\s]+[\"']?(?P<url>[^\s\"'\\]+)")
_VARIABLE = re.compile(
    r"\b(?:PIP|UV)_(?P<extra>EXTRA_)?INDEX_URL\b[\"']?\s*[=:]\s*[\"']?(?P<url>[^\s\"'\\]+)"
)
_ADDRESS = re.compile(r"(?:https?|file)://\S+")
_DEFAULT = "PyPI, pip's default"


def audit_pip(files: Sequence[ConsumerFile], ours: Ours) -> Iterator[Problem]:
    """Settings, command lines and requirements, wherever they are in the consumer's folder."""
    names_an_index = False
    unnamed: list[Problem] = []
    for file in files:
        if file.name in _CONFIG_NAMES:
            found = list(_settings(file))
        elif _REQUIREMENTS.fullmatch(file.name) or _SCRIPTS.fullmatch(file.name):
            found = list(_options(file))
        else:
            continue
        if _REQUIREMENTS.fullmatch(file.name):
            required = [each for each in _required(file, ours) if not each[2]]
            if required and not found:
                unnamed += [_no_index(file, name, line, ours) for name, line, _ in required]
        names_an_index = names_an_index or bool(found)
        yield from _mixed(file, found, ours)
    if not names_an_index:
        yield from unnamed


def _mixed(file: ConsumerFile, found: Sequence[tuple[int, bool, str]], ours: Ours) -> Iterator[Problem]:
    """``found`` are (line, whether it is an extra one, address)."""
    extras = [(line, url) for line, extra, url in found if extra]
    bases = [(line, url) for line, extra, url in found if not extra]
    names = " and ".join(ours.wheels)
    others = sorted({shown(url) for _, _, url in found if not ours.serve(url)})
    if extras and not bases:
        others.append(_DEFAULT)
    if extras and others:
        line = next((n for n, url in extras if not ours.serve(url)), extras[0][0])
        yield file.could_win(
            line,
            f"pip takes the highest version of {names} from any of its indexes, and {', '.join(others)} "
            "may have one of a stranger's",
            f"name one index only: index-url = {ours.index}; it passes everything else on, or let "
            "`schema-service constraints VERSION` write the hashes that pip then requires",
        )
    elif bases and not any(ours.serve(url) for _, url in bases) and not extras:
        line, url = bases[0]
        yield file.could_win(
            line,
            f"{names} would come from {shown(url)}, which is not where they are published",
            f"set it to {ours.index}",
        )


def _settings(file: ConsumerFile) -> Iterator[tuple[int, bool, str]]:
    """Of an ini file, whose values go on over indented lines."""
    extra = False
    reading = False
    for number, line in file.lines():
        if line.lstrip().startswith(("#", ";")):
            continue
        if match := _SETTING.match(line):
            extra, reading, rest = match[1].startswith("extra"), True, match["rest"]
        elif reading and line[:1].isspace():
            rest = line
        else:
            reading = False
            continue
        for address in _ADDRESS.findall(rest):
            yield number, extra, address


def _options(file: ConsumerFile) -> Iterator[tuple[int, bool, str]]:
    for number, line in file.lines():
        if line.lstrip().startswith("#"):
            continue
        for pattern in (_OPTION, _VARIABLE):
            for match in pattern.finditer(line):
                yield number, bool(match["extra"]), match["url"]


def _required(file: ConsumerFile, ours: Ours) -> Iterator[tuple[str, int, bool]]:
    """Packages of ours, their lines, and whether they have hashes, with which nothing else can be taken."""
    lines = file.text.splitlines()
    for number, line in file.lines():
        text = line.split("#", 1)[0].split("--hash")[0].rstrip("\\ \t")
        try:
            name = str(canonicalize_name(Requirement(text).name))
        except InvalidRequirement:
            continue
        if name in ours.wheels:
            rest = " ".join(lines[number - 1 : number + 1])
            yield name, number, "--hash=" in rest


def _no_index(file: ConsumerFile, name: str, line: int, ours: Ours) -> Problem:
    return file.could_win(
        line,
        f"nothing in this folder says where {name} is from: unless the machine's own configuration does, pip "
        "asks PyPI",
        f"begin the file with --index-url {ours.index}",
    )
