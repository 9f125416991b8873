"""Each package carries its manual: a README with a section for all that its user needs to know."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from generators.manual import PAGES
from generators.target import LANGUAGES, GenerationRequest, Language
from generators.targets import all_targets
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.migration import Migration

_ROOT = Path(__file__).parents[4]
_CASE = _ROOT / "tests" / "golden" / "python_client"
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_PAGE = re.compile(r"^- .+: `(docs/[^`]+)`$", re.MULTILINE)
#: How it is installed and used, what is in it, what goes wrong, what can be set, which databases and other
#: packages it fits, how one gets to the next version, and where the rest is said.
_ALL = ("Install", "Use", "Contents", "Errors", "Settings", "Versions", "Upgrade", "Documentation")
_CLIENT = (*_ALL, "Connect", "Types", "Transactions")
_HEADINGS: Mapping[Language, tuple[str, ...]] = {
    "python": _CLIENT,
    "node": _CLIENT,
    "typescript": (*_ALL, "Types", "Validate", "JSON"),
    "migrations": (*_ALL, "Connect", "Operations", "Exit codes"),
}


@pytest.fixture(scope="module")
def case(make_request: Callable[..., GenerationRequest]) -> GenerationRequest:
    """A version with models, enums, a changelog and a migration."""
    return make_request(
        (_CASE / "schema.prisma").read_text("utf-8"),
        schema_name="orders",
        version=SchemaVersion(1, 2, 0),
        migrations=(
            Migration(number=1, name="init", version=SchemaVersion(1, 0, 0), up="SELECT 1;\n", down=None),
        ),
        changelog="# 1.2.0\n",
    )


@pytest.fixture(scope="module")
def readmes(case: GenerationRequest, bridge: PrismaBridge) -> Mapping[Language, str]:
    packages = [target.generate(case) for target in all_targets(bridge)]
    return {package.language: package.files["README.md"].decode() for package in packages}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_user_needs_to_know_has_a_section(language: Language, readmes: Mapping[Language, str]) -> None:
    headings = re.findall(r"^## (.+)$", _CODE.sub("", readmes[language]), re.MULTILINE)
    assert sorted(set(_HEADINGS[language]) - set(headings)) == []
    assert len(headings) == len(set(headings))
    assert headings[-3:] == ["Versions", "Upgrade", "Documentation"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_its_siblings_its_changelog_and_pages_that_there_are(
    language: Language, readmes: Mapping[Language, str], case: GenerationRequest
) -> None:
    readme = readmes[language]
    names = case.names
    assert [
        package
        for package in (
            f"`{names.python_client}==1.2.0`",
            f"`{names.node_client}@1.2.0`",
            f"`{names.typescript_types}@1.2.0`",
            f"`{names.python_migrations}==1.2.0`",
        )
        if package not in readme
    ] == []
    assert "CHANGELOG.md` in this package" in readme
    pages = _PAGE.findall(readme)
    assert len(pages) == len(PAGES[language]) + 1
    assert [page for page in pages if not (_ROOT / page).is_file()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_in_it_is_named(
    language: Language, readmes: Mapping[Language, str], case: GenerationRequest
) -> None:
    contents = readmes[language].partition("\n## Contents\n")[2].partition("\n## ")[0]
    models = [model.name for model in case.schema.models]
    named = ["001_init"] if language == "migrations" else models
    assert [name for name in named if name.replace("_", "\\_") not in contents and name not in contents] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_a_section_is_glued_to_its_heading(
    language: Language, readmes: Mapping[Language, str]
) -> None:
    text = _CODE.sub("", readmes[language])
    assert re.findall(r"[^\n]\n## .*|^## .*\n[^\n].*", text, re.MULTILINE) == []
    assert "\n\n\n\n" not in readmes[language]


def test_examples_in_python_are_programs(readmes: Mapping[Language, str]) -> None:
    examples = re.findall(r"^```python\n(.*?)^```", "".join(readmes.values()), re.MULTILINE | re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        compile(example, "README.md", "exec")
