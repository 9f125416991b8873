"""Archives that somebody sends: what is read of them, and what is refused before anything is kept."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from registry.errors import UploadError
from registry.release_jobs import archives
from registry.release_jobs.archives import read_archive, write_archive
from registry.release_jobs.drafts import draft_files
from schemas.versions import SchemaVersion

_V2 = SchemaVersion(2, 0, 0)
_SCHEMA = {"schema.prisma": b"model A {}\n", "migrations/001_init/up.sql": b"SELECT 1;\n"}


def tarred(*names: str, kind: bytes = tarfile.REGTYPE, size: int = 1, mode: str = "w:gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for name in names:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, size, "/etc/passwd"
            archive.addfile(member, io.BytesIO(b"x" * size))
    return packed.getvalue()


def zipped(*names: str, mode: int = 0, size: int = 1) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            archive.writestr(member, b"x" * size, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def refusal(content: bytes) -> list[str]:
    with pytest.raises(UploadError) as refused:
        read_archive(content)
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("pack", [tarred, zipped])
@pytest.mark.parametrize(
    "name",
    ["/etc/x", "../x", "a/../../x", "a//b", "a\\b", "C:x", "a\nb", "a/" + "b" * 300, "..", "a*", "~\x7f"],
)
def test_a_name_that_leads_elsewhere_is_refused(pack: Callable[..., bytes], name: str) -> None:
    assert refusal(pack("schema.prisma", name)) == ["upload-unsafe"]


def test_a_name_that_is_no_text_is_refused() -> None:
    for name in ("a\udcff", "migrations/\udcff/up.sql"):  # bytes that are not UTF-8, as tarfile reads them
        assert refusal(tarred("schema.prisma", name)) == ["upload-unsafe"]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
)
def test_links_and_devices_are_refused(kind: bytes) -> None:
    assert refusal(tarred("schema.prisma", kind=kind, size=0)) == ["upload-unsafe"]


def test_a_link_in_a_zip_is_refused() -> None:
    assert refusal(zipped("schema.prisma", mode=stat.S_IFLNK | 0o777)) == ["upload-unsafe"]


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_two_files_that_are_one_for_some_machines_are_refused(pack: Callable[..., bytes]) -> None:
    for names in (("a.sql", "A.sql"), ("é.sql", "e\u0301.sql"), ("a.sql", "./a.sql")):
        assert refusal(pack(*names)) == ["upload-unsafe"]


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_more_than_is_taken_is_refused(pack: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    assert refusal(pack("large.sql", size=1001)) == ["upload-too-large"]
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1500)
    assert refusal(pack("a.sql", "b.sql", size=1000)) == ["upload-too-large"]
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    assert refusal(pack("a.sql", "b.sql", "c.sql")) == ["upload-too-large"]


def test_a_small_file_that_unpacks_to_a_large_one_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 10_000)
    monkeypatch.setattr(archives, "MOST_FILES", 1)
    assert refusal(gzip.compress(b"\0" * 10_000_000)) == ["upload-too-large"]


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"PK\x03\x04", b"\x1f\x8b\x08", tarred("a.sql")[:-20], zipped("a.sql")[:-20]],
    ids=["nothing", "text", "zip", "gzip", "cut tar", "cut zip"],  # the time is in a tar.gz
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    assert refusal(content) == ["upload-unreadable"]


def test_the_same_files_are_the_same_bytes() -> None:
    packed = write_archive(_SCHEMA)
    assert write_archive(dict(reversed(_SCHEMA.items()))) == packed
    assert read_archive(packed) == _SCHEMA
    assert read_archive(tarred("./a.sql", ".git/config", ".DS_Store", mode="w")) == {"a.sql": b"x"}


def test_a_version_is_found_in_its_folder_and_in_a_workspace() -> None:
    own = {f"schemas/2.0.0/{name}": content for name, content in _SCHEMA.items()}
    older = {"schemas/1.0.0/schema.prisma": b"1", "schemas/1.0.0/release.lock": b"sealed"}
    rest = {"schema-service.toml": b"name = 'evil'", "src/x.py": b"", "schemas/3.0.0/schema.prisma": b"3"}
    workspace = {**own, **older, **rest}
    assert draft_files(_SCHEMA, _V2) == own
    assert draft_files({f"2.0.0/{name}": content for name, content in _SCHEMA.items()}, _V2) == own
    assert draft_files(workspace, _V2) == {**own, **older}
    assert draft_files({f"repository/{name}": text for name, text in workspace.items()}, _V2) == {
        **own,
        **older,
    }
    # A draft has no seal: whether it is published is not for an archive to say.
    assert draft_files({**_SCHEMA, "release.lock": b"sealed", "release.intoto.jsonl": b"{}"}, _V2) == own


def test_what_is_no_part_of_a_version_is_named() -> None:
    for files, code in (
        ({"README.md": b""}, "upload-without-version"),
        ({"schemas/1.0.0/schema.prisma": b""}, "upload-without-version"),
        ({**_SCHEMA, "notes.txt": b""}, "upload-unknown-file"),
        ({**_SCHEMA, "migrations/001_init/deep/up.sql": b""}, "upload-unknown-file"),
    ):
        with pytest.raises(UploadError) as refused:
            draft_files(files, _V2)
        assert [problem.code for problem in refused.value.problems] == [code]
