"""`audit` of consumers' folders: findings with file and line, and none where ours is the only choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.config.settings import NpmTable, PypiTable, RegistriesTable, Settings
from registry.trust.consumer_audit.audit import audit_consumer
from registry.trust.consumer_audit.ours import Ours

INDEX = "https://packages.example/team/prod/+simple/"
NPM = "https://npm.example/"
OTHER = "https://public.example/simple"
OURS = Ours.by(
    Settings(
        name="shop",
        registries=RegistriesTable(pypi=PypiTable(url=INDEX.replace("+simple/", "")), npm=NpmTable(url=NPM)),
    ),
    ["https://schema.example/npm"],
)
_UV = '[project]\nname = "x"\ndependencies = ["Schema_Client==2.0.0"]\n[tool.uv]\n'
_POETRY = '[tool.poetry.dependencies]\npython = "^3.11"\nschema-client = {rest}\n'
_PACKAGE = '{{\n "dependencies": {{\n  "@org/schema-types": "2.0.0"\n }}\n}}\n'.format()

#: Files, and where findings are.
CASES: dict[str, tuple[dict[str, str], list[tuple[str, int | None]]]] = {
    "nothing of ours": ({"requirements.txt": "requests\n", "package.json": "{}"}, []),
    # pip
    "pip: an extra index": (
        {"pip.conf": f"[global]\nindex-url = {INDEX}\nextra-index-url =\n    {OTHER}\n"},
        [("pip.conf", 4)],
    ),
    "pip: ours is the extra one": (
        {"pip.conf": f"[global]\nextra-index-url = {INDEX}\n"},
        [("pip.conf", 2)],
    ),
    "pip: ours alone": (
        {"pip.conf": f"[global]\nindex-url={INDEX}\n", "requirements.txt": "schema-client==2.0.0\n"},
        [],
    ),
    "pip: another mirror of our server": (
        {"pip.conf": "[global]\nindex-url = https://packages.example/root/pypi/+simple/\n"},
        [("pip.conf", 2)],
    ),
    "pip: options in requirements": (
        {
            "deploy/requirements-prod.txt": f"--index-url {INDEX}\n--extra-index-url={OTHER}\n"
            "schema-client==2.0.0\n"
        },
        [("deploy/requirements-prod.txt", 2)],
    ),
    "pip: no index at all": (
        {"requirements.txt": "requests\nschema-client[sqlalchemy]==2.0.0  # ours\n"},
        [("requirements.txt", 2)],
    ),
    "pip: hashes": (
        {"requirements.txt": f"schema-client==2.0.0 \\\n    --hash=sha256:{'a' * 64}\n"},
        [],
    ),
    "pip: a Dockerfile and a CI file": (
        {
            "Dockerfile": f"FROM python\nRUN pip install --extra-index-url {INDEX} schema-client\n",
            ".gitlab-ci.yml": f"variables:\n  PIP_EXTRA_INDEX_URL: {INDEX}\n",
        },
        [(".gitlab-ci.yml", 2), ("Dockerfile", 2)],
    ),
    "pip: a comment": ({"requirements.txt": f"# --extra-index-url {OTHER}\n"}, []),
    # uv
    "uv: ours first": ({"pyproject.toml": f'{_UV}[[tool.uv.index]]\nurl = "{INDEX}"\n'}, []),
    "uv: another first": (
        {"pyproject.toml": f'{_UV}[[tool.uv.index]]\nurl = "{OTHER}"\n[[tool.uv.index]]\nurl = "{INDEX}"\n'},
        [("pyproject.toml", 6)],
    ),
    "uv: none": ({"pyproject.toml": f"{_UV}package = false\n"}, [("pyproject.toml", 3)]),
    "uv: a source": (
        {
            "pyproject.toml": f'{_UV}[[tool.uv.index]]\nname = "ours"\nurl = "{INDEX}"\nexplicit = true\n'
            '[tool.uv.sources]\nschema-client = { index = "ours" }\n'
        },
        [],
    ),
    "uv: explicit and not chosen": (
        {"pyproject.toml": f'{_UV}[[tool.uv.index]]\nname = "ours"\nurl = "{INDEX}"\nexplicit = true\n'},
        [("pyproject.toml", 3)],
    ),
    "uv: an unsafe strategy": (
        {"uv.toml": f'index-strategy = "unsafe-best-match"\n[[index]]\nurl = "{INDEX}"\n'},
        [("uv.toml", 1)],
    ),
    "uv: uv.toml wins": (
        {
            "pyproject.toml": f'{_UV}[[tool.uv.index]]\nurl = "{INDEX}"\n',
            "uv.toml": f'[[index]]\nurl = "{OTHER}"\n',
        },
        [("uv.toml", 2)],
    ),
    "uv: a lock": (
        {
            "uv.lock": f'[[package]]\nname = "schema-client"\nsource = {{ registry = "{OTHER}" }}\n'
            f'[[package]]\nname = "schema-migrations"\nsource = {{ registry = "{INDEX}" }}\n'
        },
        [("uv.lock", 2)],
    ),
    # Poetry
    "poetry: PyPI": ({"pyproject.toml": _POETRY.format(rest='"2.0.0"')}, [("pyproject.toml", 3)]),
    "poetry: a source": (
        {
            "pyproject.toml": _POETRY.format(rest='{ version = "2.0.0", source = "ours" }')
            + f'[[tool.poetry.source]]\nname = "ours"\nurl = "{INDEX}"\npriority = "explicit"\n'
        },
        [],
    ),
    "poetry: two primary sources": (
        {
            "pyproject.toml": _POETRY.format(rest='"2.0.0"')
            + f'[[tool.poetry.source]]\nname = "ours"\nurl = "{INDEX}"\n'
            '[[tool.poetry.source]]\nname = "PyPI"\n'
        },
        [("pyproject.toml", 3)],
    ),
    "poetry: ours alone": (
        {
            "pyproject.toml": _POETRY.format(rest='"2.0.0"')
            + f'[[tool.poetry.source]]\nname = "ours"\nurl = "{INDEX}"\n'
        },
        [],
    ),
    "poetry: a lock": (
        {"poetry.lock": '[[package]]\nname = "schema-client"\nversion = "9.9.9"\n'},
        [("poetry.lock", 2)],
    ),
    # npm
    "npm: no .npmrc": ({"package.json": _PACKAGE}, [("package.json", 3)]),
    "npm: the scope's registry": (
        {"package.json": _PACKAGE, ".npmrc": "@org:registry=https://user:secret@npm.example\n"},
        [],
    ),
    "npm: the API's": (
        {"package.json": _PACKAGE, ".npmrc": "@org:registry=https://schema.example/npm/\n"},
        [],
    ),
    "npm: another scope's registry": (
        {"package.json": _PACKAGE, ".npmrc": "@other:registry=https://npm.example\n"},
        [("package.json", 3)],
    ),
    "npm: another registry": (
        {"package.json": _PACKAGE, ".npmrc": "\n@org:registry=https://other.example/\n"},
        [(".npmrc", 2)],
    ),
    "npm: the root's .npmrc counts in a workspace": (
        {"apps/web/package.json": _PACKAGE, ".npmrc": "@org:registry=https://npm.example/\n"},
        [],
    ),
    "npm: a lock": (
        {
            "package-lock.json": '{"packages": {\n"node_modules/@org/schema-types": {"resolved": '
            '"https://other.example/@org/schema-types/-/schema-types-9.9.9.tgz"}\n}}'
        },
        [("package-lock.json", 2)],
    ),
    "other people's files": (
        {"node_modules/x/pip.conf": f"[global]\nextra-index-url = {OTHER}\n"},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_findings_are_where_another_index_could_win(case: str, tmp_path: Path) -> None:
    files, expected = CASES[case]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = audit_consumer(tmp_path, OURS)
    assert [(problem.file, problem.line) for problem in found] == expected
    assert all(problem.fix and problem.severity == "warning" for problem in found)
    assert not any("secret" in problem.message for problem in found)


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "uv.lock", "package.json", "package-lock.json", "poetry.lock"]
)
@pytest.mark.parametrize(
    "text", ["", "\0", "[" * 5000, "[]", '{"packages": [1], "dependencies": "x"}', "package = 1"]
)
def test_a_file_that_its_tool_would_refuse_is_no_finding(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert audit_consumer(tmp_path, OURS) == []
