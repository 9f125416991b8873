"""Looking at versions and taking care of them: ``diff``, drafts, ``changelog``, ``log`` and ``amend``."""

from __future__ import annotations

import re
import shlex
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from generators.revisions import REVISIONS, Revision, current_revision
from registry.catalogue import Catalogue, PublishedVersion
from registry.catalogue.opening import open_catalogue
from registry.config.settings import load_settings
from registry.release.unfinished import UnfinishedRelease, note_unfinished
from registry.review.diff import version_diff
from registry.review.known_versions import KnownVersions
from registry.validation.published_versions import input_digest
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.version_source import text_digest
from schemas.workspace.workspace import Workspace

from ....command_line import CommandLine, contents

_DOCS = Path(__file__).parents[4] / "docs" / "versions.md"


@pytest.fixture
def shop(cli: CommandLine) -> CommandLine:
    """The sample, nothing of it published."""
    return cli.with_workspace(sample=True)


def publish(shop: CommandLine, version: str, *, in_catalogue: bool = True, sealed: bool = True) -> None:
    """Record and seal a version as a release would, without one."""
    workspace = Workspace(shop.folder)
    source = workspace.load(SchemaVersion.parse(version))
    settings = load_settings(shop.folder)
    published = PublishedVersion(
        version=source.version,
        description=source.description,
        author=source.author,
        schema_text=source.schema_text,
        schema_digest="b" * 64,
        input_digest=input_digest(source, settings.name, settings.packages.names()),
        changelog=source.changelog,
        published_at=datetime(2026, 1, 2, tzinfo=UTC),
        published_by="somebody",
        migrations=source.migrations,
        artifacts=(),
        notes=source.notes,
        renames=source.renames,
        follows=source.origin.from_,
        takes=source.origin.taken_over,
        rehearsed_ms=tuple((each.id, 1.5) for each in source.migrations),
    )
    if in_catalogue:
        catalogue = Catalogue.open(settings.state.url, root=shop.folder, schema_name=settings.name)
        catalogue.record(published, latest=source.version)
        catalogue.close()
    if sealed:
        lock = ReleaseLock(
            version=source.version,
            schema_digest="b" * 64,
            input_digest=source.digest,
            artifacts=(),
            published_at="2026-01-02T00:00:00+00:00",
            generators=current_revision(),
            changelog_digest=text_digest(source.changelog),
            packages=(("python_client", "shop-client"), ("python_interface", "asyncio")),
        )
        workspace.seal(source.version, lock)


def edit_lock(shop: CommandLine, version: str, **values: object) -> None:
    """Change a seal as an older tool would have written it; None removes a value."""
    file = shop.folder / f"schemas/{version}/release.lock"
    document = tomlkit.parse(file.read_text())
    for name, value in values.items():
        document.pop(name, None)
        if value is not None:
            document.add(name, value)
    file.write_text(tomlkit.dumps(document))


def test_the_newest_draft_is_held_against_the_version_before_it(shop: CommandLine) -> None:
    found = shop.run("diff", "--json").document
    assert (found["from"], found["to"], found["smallest_version"]) == ("1.1.0", "2.0.0", "2.0.0")
    changes = {change["text"]: change for change in found["changes"]}
    renamed = changes["Review.stars is now called rating"]
    assert renamed["code"]["python"] == {
        "before": "value: int = review.stars",
        "after": "value: int = review.rating",
    }
    assert renamed["effects"]["python"] == "breaks"
    assert renamed["effects"]["old-code"] == "none"
    moved = changes["the column of Review.rating has another name, and earlier clients use the old one"]
    assert moved["code"] == {}
    assert (moved["effects"]["typescript"], moved["effects"]["old-code"]) == ("none", "breaks")
    assert found["asks"][0]["asker"] == "schema"
    assert [each["id"] for each in found["migrations"]] == ["005_materialized_views", "006_monitoring"]
    lines = shop.run("diff").output
    assert "- value: int = review.stars" in lines
    assert "old code on the new database" in lines


def test_a_script_and_a_schema_that_can_not_be_read_are_refused_by_their_place(shop: CommandLine) -> None:
    script = "schemas/2.0.0/migrations/006_monitoring/up.sql"
    shop.write(script, "CREATE TABEL x (id int);\n")
    for command in (["diff"], ["changelog"]):
        (problem,) = shop.refused(*command).document["problems"]
        assert problem["file"] == script
    shop.write("schemas/2.0.0/schema.prisma", "nonsense {\n")
    assert shop.refused("diff").codes == ["schema-syntax"]


def test_renames_are_followed_through_the_versions_between_and_back(shop: CommandLine) -> None:
    forth = shop.run("diff", "1.0.0", "2.0.0", "--json").document
    back = shop.run("diff", "2.0.0", "1.0.0", "--json").document
    for found, text in (
        (forth, "Review.stars is now called rating"),
        (back, "Review.rating is now called stars"),
    ):
        assert text in {change["text"] for change in found["changes"]}
        assert not [
            each for each in found["changes"] if each["name"] == "Review.stars" and each["kind"] == "removed"
        ]
    assert back["smallest_version"] is None
    assert [each["script"] for each in back["migrations"]] == ["down"] * 4
    assert back["migrations"][0]["id"] == "006_monitoring"


def test_differences_follow_the_lines(shop: CommandLine, bridge: PrismaBridge) -> None:
    """1.1.1 follows 1.1.0 once 2.0.0 is published, and 2.0.1 takes it over."""
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        publish(shop, version)
    assert shop.run("new", "1.1.1").exit_code == 0
    (shop.folder / "schemas/1.1.1/migrations/007_fix").mkdir(parents=True)
    shop.write("schemas/1.1.1/migrations/007_fix/up.sql", "ALTER TABLE products ADD COLUMN fix int;\n")
    shop.write("schemas/1.1.1/migrations/007_fix/down.sql", "ALTER TABLE products DROP COLUMN fix;\n")
    publish(shop, "1.1.1")
    assert shop.run("new", "2.0.1", "--takes", "1.1.1").exit_code == 0

    def between(*versions: str) -> dict[str, Any]:
        workspace, settings = Workspace(shop.folder), load_settings(shop.folder)
        with open_catalogue(workspace, settings) as catalogue:
            known = KnownVersions(workspace, catalogue)
            *before, after = map(SchemaVersion.parse, versions)
            base = before[0] if before else known.before(after)
            return version_diff(known, base, after, settings.packages.names(), bridge).to_json()

    def found(*versions: str) -> tuple[Any, ...]:
        document = between(*versions)
        scripts = [f"{each['id'][:3]} {each['script']}" for each in document["migrations"]]
        return document["from"], document["direction"], scripts, document["smallest_version"]

    assert found("1.1.1") == found("1.1.0", "1.1.1") == ("1.1.0", "forward", ["007 up"], "1.1.1")
    assert found("1.1.1", "2.0.1") == ("1.1.1", "forward", ["005 up", "006 up"], "2.0.0")
    assert found("2.0.1", "1.1.1") == ("2.0.1", "back", ["006 down", "005 down"], None)
    assert found("2.0.1") == found("2.0.0", "2.0.1") == ("2.0.0", "forward", ["007 up"], "2.0.1")
    assert found("1.1.0", "2.0.1")[2] == ["005 up", "006 up", "007 up"]
    assert found("2.0.0", "1.1.1") == ("2.0.0", "other-line", [], None)
    assert found("1.1.1", "2.0.0") == ("1.1.1", "other-line", [], None)
    note = "so no migration leads from one to the other: 2.0.1 contains both."
    assert note in shop.run("diff", "2.0.0", "1.1.1").output
    assert note in shop.run("diff", "2.0.0", "1.1.1", "--markdown").output
    for versions, rename in (
        (("1.1.1", "2.0.1"), "Review.stars is now called rating"),
        (("2.0.0", "1.1.1"), "Review.rating is now called stars"),
    ):
        assert rename in {change["text"] for change in between(*versions)["changes"]}
    assert [each["id"] for each in review_of(shop, "2.0.1")["migrations"]] == ["007_fix"]
    assert "### 007_fix" in shop.run("changelog", "2.0.1").output
    toml = shop.folder / "schemas/2.0.1/version.toml"
    toml.write_text(toml.read_text().replace('"run"', '"contained"'))
    assert found("2.0.0", "2.0.1")[2] == []
    assert found("1.1.1", "2.0.1")[2] == ["005 up", "006 up"]
    (shop.folder / "schemas/2.0.1/migrations/008_fix").mkdir(parents=True)
    shop.write("schemas/2.0.1/migrations/008_fix/up.sql", "ALTER TABLE products ADD COLUMN fix int;\n")
    toml.write_text(toml.read_text().replace('"contained"', '"008_fix"'))
    assert found("2.0.0", "2.0.1")[2] == ["008 up"]
    assert found("1.1.1", "2.0.1")[2] == ["005 up", "006 up"], "the fix is there already"
    assert review_of(shop, "2.0.1")["smallest_version"] == "2.0.1", "the line asks for less"


def test_versions_are_taken_from_the_state_database_and_latest_names_one(shop: CommandLine) -> None:
    assert shop.refused("diff", "latest").codes == ["not-published"]
    publish(shop, "1.0.0", sealed=False)
    (shop.folder / "schemas/1.0.0/schema.prisma").write_text("nonsense")
    assert shop.run("diff", "latest", "1.1.0", "--json").document["from"] == "1.0.0"
    assert shop.run("diff", "latest", "--json").document["from"] is None
    assert shop.refused("diff", "9.9.9").codes == ["unknown-version"]
    assert shop.refused("diff", "1.0.0", "1.1.0", "2.0.0", exit_code=2).codes == ["conflicting-options"]


def test_names_and_comments_can_not_write_markdown(shop: CommandLine) -> None:
    schema = shop.folder / "schemas/2.0.0/schema.prisma"
    text = schema.read_text().replace(
        "currency  String   @db.Char(3)", 'currency  String   @db.Char(3) @default("](x) <b>|`")'
    )
    schema.write_text(text)
    shop.run("new", "3.0.0")
    (shop.folder / "schemas/3.0.0/schema.prisma").write_text(text.replace("](x) <b>|`", "# <script>|"))
    markdown = shop.run("diff", "2.0.0", "3.0.0", "--markdown").output
    assert "<script>" not in markdown.replace("\\<script\\>", "")
    assert "\\]\\(x\\) \\<b\\>\\|\\`" in markdown
    assert markdown.startswith("# 2.0.0 → 3.0.0\n")


@pytest.mark.parametrize("in_catalogue", [True, False])
def test_what_is_published_is_neither_renamed_nor_deleted(shop: CommandLine, in_catalogue: bool) -> None:
    publish(shop, "1.0.0", in_catalogue=in_catalogue, sealed=not in_catalogue)
    code = "version-is-immutable" if in_catalogue else "sealed-version"
    assert shop.refused("rename-draft", "1.0.0", "0.9.0").codes == [code]
    assert shop.refused("delete-draft", "1.0.0", "--yes").codes == [code]
    note_unfinished(shop.folder, UnfinishedRelease(version="2.0.0", release_id="x"))
    monkeypatch = shop.monkeypatch
    monkeypatch.setattr("registry.cli.session.unfinished_release", lambda _root: None)
    assert shop.refused("delete-draft", "2.0.0", "--yes").codes == ["version-is-immutable"]


def test_a_draft_gets_another_number_where_its_migrations_stay_in_order(shop: CommandLine) -> None:
    shop.run("changelog", "2.0.0", "--write")
    assert shop.refused("rename-draft", "2.0.0", "1.0.1").codes == ["migrations-reordered"]
    assert shop.refused("rename-draft", "1.0.0", "3.0.0").codes == ["migrations-reordered"]
    assert shop.refused("rename-draft", "2.0.0", "1.1.0").codes == ["version-exists"]
    assert shop.refused("rename-draft", "2.0.0", "../3.0.0").codes == ["invalid-version"]
    assert shop.refused("rename-draft", "4.0.0", "3.0.0").codes == ["unknown-version"]
    before = contents(shop.folder / "schemas/2.0.0")
    done = shop.run("rename-draft", "2.0.0", "3.0.0-rc.1", "--json")
    assert (done.exit_code, done.document["version"]) == (0, "3.0.0-rc.1")
    after = contents(shop.folder / "schemas/3.0.0-rc.1")
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {"CHANGELOG.md"}
    assert (shop.folder / "schemas/3.0.0-rc.1/CHANGELOG.md").read_text().startswith("# 3.0.0-rc.1\n")
    assert not (shop.folder / "schemas/2.0.0").exists()


def test_a_draft_is_deleted_with_what_is_in_it_and_nothing_else(shop: CommandLine, tmp_path: Path) -> None:
    assert shop.refused("delete-draft", "1.1.0", "--yes").codes == ["migrations-reordered"]
    assert shop.refused("delete-draft", "2.0.0", exit_code=2).codes == ["confirmation-needed"]
    outside = tmp_path.with_name(f"{tmp_path.name}-outside")
    outside.mkdir()
    (outside / "file").write_text("kept")
    (shop.folder / "schemas/2.0.0/link").symlink_to(outside)
    assert shop.run("delete-draft", "2.0.0", "--yes", "--json").document == {"ok": True, "deleted": "2.0.0"}
    assert sorted(path.name for path in (shop.folder / "schemas").iterdir()) == ["1.0.0", "1.1.0"]
    assert (outside / "file").read_text() == "kept"
    draft, attic = shop.folder / "schemas/1.1.0", shop.folder / "attic"
    draft.rename(attic)
    for place, code in ((attic, "linked-version"), (outside, "outside-workspace")):
        draft.unlink(missing_ok=True)
        draft.symlink_to(place)
        assert shop.refused("delete-draft", "1.1.0", "--yes").codes == [code]
        assert shop.refused("rename-draft", "1.1.0", "1.2.0").codes == [code]


def test_a_draft_with_a_broken_schema_can_be_deleted(shop: CommandLine) -> None:
    (shop.folder / "schemas/2.0.0/version.toml").write_text("= broken")
    assert shop.run("delete-draft", "2.0.0", "--yes").exit_code == 0


def test_the_changelog_is_made_until_somebody_writes_one(shop: CommandLine) -> None:
    made = shop.run("changelog", "1.1.0", "--json").document
    assert (made["made_from_changes"], made["written"]) == (True, False)
    assert "## Added since 1.0.0" in made["changelog"]
    assert shop.run("changelog", "1.1.0").output == made["changelog"]
    file = shop.folder / "schemas/1.1.0/CHANGELOG.md"
    assert not file.exists()
    assert shop.run("changelog", "1.1.0", "--write").exit_code == 0
    assert file.read_text() == made["changelog"]
    file.write_text("# 1.1.0\n\nBy hand.\n")
    assert shop.run("changelog", "1.1.0").output == "# 1.1.0\n\nBy hand.\n"
    assert shop.refused("changelog", "1.1.0", "--write").codes == ["changelog-exists"]
    shop.run("rename-draft", "2.0.0", "2.0.0-rc.1")
    shop.run("new", "2.0.0")
    told = [shop.run("changelog", version).output for version in ("2.0.0-rc.1", "2.0.0")]
    assert len({text.partition("\n## Added")[2] for text in told}) == 1
    assert "Review.stars is now called rating" in told[1]
    assert "### 006_monitoring" in told[1]
    (shop.folder / "schemas/1.1.0/schema.prisma").write_text("nonsense {")
    file.write_text("")
    assert shop.refused("changelog", "1.1.0").codes == ["schema-syntax"]


def test_a_correction_is_kept_beside_the_original(shop: CommandLine) -> None:
    assert shop.refused("amend", "1.0.0", "--note", "x").codes == ["not-published"]
    publish(shop, "1.0.0")
    original = shop.run("show", "1.0.0", "--json").document
    shop.write("corrected.md", b"\xef\xbb\xbf# 1.0.0\r\n\r\nCorrected.\r\n")
    before = contents(shop.folder)
    done = shop.run("amend", "1.0.0", "--description", "Better.", "--changelog", "corrected.md", "--json")
    assert done.exit_code == 0, done.output
    assert done.document["original"]["description"] == original["description"]
    assert shop.run("amend", "1.0.0", "--description", "Best.").exit_code == 0
    assert contents(shop.folder) == before
    shown = shop.run("show", "1.0.0", "--json").document
    assert (shown["description"], shown["changelog"]) == ("Best.", "# 1.0.0\n\nCorrected.\n")
    assert shown["original"] == {"description": original["description"], "changelog": original["changelog"]}
    assert [(each["what"], each["text"]) for each in shown["corrections"]][::2] == [
        ("description", "Better."),
        ("description", "Best."),
    ]
    lines = shop.run("show", "1.0.0").output
    assert "packages carry the original" in lines
    assert "002_reviews took 2 ms in the rehearsal, on a few rows" in lines
    events = shop.run("log", "--json").document["events"]
    assert (events[0]["what"], events[0]["text"]) == ("corrected", "the description")
    assert [each["what"] for each in events].count("corrected") == 3
    assert (events[-1]["what"], events[-1]["by"]) == ("published", "somebody")
    assert events[-1]["text"] == "Best. (corrected)"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--description", "two\nlines"],
        ["--description", "  "],
        [
            "--description",
            "Products, the people who review them, and the reviews collected from other sites.",
        ],
        ["--note", "a\0b"],
        ["--changelog", "missing.md"],
        ["--changelog", "binary.md"],
        ["--changelog", "schemas"],
    ],
)
def test_a_text_that_can_not_replace_another_is_refused(shop: CommandLine, arguments: list[str]) -> None:
    publish(shop, "1.0.0")
    shop.write("binary.md", b"\xff\xfe")
    assert shop.refused("amend", "1.0.0", *arguments).codes == ["invalid-correction"]
    assert shop.refused("amend", "1.0.0", exit_code=2).codes == ["nothing-to-correct"]


def test_the_log_tells_of_versions_that_only_their_seals_know(shop: CommandLine) -> None:
    publish(shop, "1.0.0", in_catalogue=False)
    told = shop.run("log", "--json").document
    assert [(each["version"], each["at"], each["by"]) for each in told["events"]] == [
        ("1.0.0", "2026-01-02T00:00:00+00:00", None)
    ]
    assert told["drafts"] == ["1.1.0", "2.0.0"]
    assert "2026-01-02 00:00:00 UTC  1.0.0  published" in shop.run("log").output


def too_small(shop: CommandLine, version: str) -> list[tuple[str, str]]:
    """What `check` says about the number, message and fix."""
    problems = shop.run("check", version, "--quick", "--json").document["problems"]
    return [(each["message"], each["fix"]) for each in problems if each["code"] == "version-too-small"]


def review_of(shop: CommandLine, version: str) -> dict[str, Any]:
    document = shop.run("check", version, "--quick", "--json").document
    return dict(document["reviews"][version])


def test_the_generators_and_the_configuration_ask_for_their_step_by_name(shop: CommandLine) -> None:
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        publish(shop, version, in_catalogue=False)
    shop.run("new", "2.0.1")
    assert too_small(shop, "2.0.1") == []
    edit_lock(shop, "2.0.0", generators=None)
    ((message, fix),) = too_small(shop, "2.0.1")
    assert "too small a step from 2.0.0 for what this schema-service changes in the packages" in message
    assert "they carry the version's changelog" in message
    assert "publish this as 2.1.0" in fix
    assert shop.run("diff", "2.0.1", "--json").document["smallest_version"] == "2.1.0"
    assert review_of(shop, "2.0.1")["smallest_version"] == "2.1.0"
    settings = shop.folder / "schema-service.toml"
    settings.write_text(settings.read_text().replace("shop-client", "store-client", 1))
    told = too_small(shop, "2.0.1")
    assert len(told) == 2
    assert all("publish this as 3.0.0" in fix for _message, fix in told)
    assert (
        "for what changed in [packages]:\n  - python_client was shop-client and is store-client" in told[1][0]
    )
    asks = shop.run("diff", "2.0.1", "--json").document["asks"]
    review = review_of(shop, "2.0.1")
    assert (review["smallest_version"], review["asks"]) == ("3.0.0", asks)
    assert "- the configuration: major\n    - python\\_client was shop-client" in (
        shop.run("check", "2.0.1", "--quick", "--markdown").output
    )
    assert [(each["asker"], each["step"]) for each in asks] == [
        ("schema", "patch"),
        ("generators", "minor"),
        ("configuration", "major"),
    ]
    assert "publish" not in "".join(message for message, _fix in too_small(shop, "2.0.0"))


def test_a_change_of_the_generators_that_breaks_asks_for_a_major_step(
    shop: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0.0", "1.1.0"):
        publish(shop, version, in_catalogue=False)
    shop.run("rename-draft", "2.0.0", "4.0.0")
    shop.run("new", "1.1.1", "--from", "1.1.0")
    further = (Revision(98, "patch", "a"), Revision(99, "major", "rows are tuples"))
    monkeypatch.setattr("generators.revisions.REVISIONS", (*REVISIONS, *further))
    ((message, fix),) = too_small(shop, "1.1.1")
    assert message.endswith("\n  - rows are tuples")
    assert "publish this as 2.0.0" in fix


def test_a_sealed_changelog_is_not_edited_any_more(shop: CommandLine, bridge: PrismaBridge) -> None:
    publish(shop, "1.0.0")
    (shop.folder / "schemas/1.0.0/CHANGELOG.md").write_text("# Something else\n")
    refused = shop.run("check", "1.0.0", "--quick", "--json").document
    (problem,) = [each for each in refused["problems"] if each["code"] == "sealed-version-edited"]
    assert "amend 1.0.0 --changelog FILE" in problem["fix"]
    edit_lock(shop, "1.0.0", changelog_digest=None)  # sealed before packages carried it
    assert shop.run("check", "1.0.0", "--quick").exit_code == 0


def test_every_command_of_the_page_does_what_it_says(shop: CommandLine) -> None:
    publish(shop, "1.0.0")
    shop.write("corrected.md", "# 1.0.0\n\nCorrected.\n")
    blocks = re.findall(r"^```\n(.*?)^```$", _DOCS.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert len(lines) > 8
    for line in lines:
        program, *arguments = shlex.split(line, comments=True)
        assert program == "schema-service"
        done = shop.run(*arguments)
        assert done.exit_code == 0, (line, done.errors)
    assert "Corrected." in shop.run("show", "1.0.0").output
    lock = tomllib.loads((shop.folder / "schemas/1.0.0/release.lock").read_text())
    assert lock["generators"] == current_revision()
