"""The workspace that a job works on: what is published, and the draft that was uploaded.

It is a folder of the service's own, made anew for each attempt: nobody's checkout is changed by a draft.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from schemas.errors import Problem, WorkspaceError
from schemas.versions import SchemaVersion
from schemas.workspace.files import exclusive, private_folder, read_text, write_atomically, write_folder
from schemas.workspace.release_lock import ReleaseLock
from schemas.workspace.workspace import LOCK_NAME, VERSIONS_FOLDER, Workspace

from ..artifacts.store import ArtifactStore
from ..catalogue import Catalogue
from ..catalogue.release_jobs import OF_DRAFTS, ReleaseJob
from ..errors import UploadError
from ..trust.public_keys import KEYS_FILE
from .archives import Files, read_archive, write_archive
from .drafts import OF_A_RELEASE, folder_of, versions_in, without_release

_FOLDER = "releases"
_CHANGELOG = "CHANGELOG.md"


class JobWorkspace:
    """Made of the ``home`` workspace, that of the service, of what the ``store`` has of versions that were
    published from uploads, and of what a job's upload has besides."""

    def __init__(self, home: Workspace, catalogue: Catalogue, store: ArtifactStore) -> None:
        self._home = home
        self._catalogue = catalogue
        self._store = store

    def prepare(self, job: ReleaseJob) -> Workspace:
        """Raises UploadError for an upload that doesn't fit what is published, and WorkspaceError."""
        # What only changes published versions looks at registries and catalogue.
        found = self._sealed() if job.action in OF_DRAFTS else {}
        if job.draft is not None and not (job.action == "promote" and job.version in found):
            found |= self._of_upload(job.version, self._kept(job.draft), found)
        place = private_folder(self._home.root, _FOLDER)
        shutil.rmtree(place / VERSIONS_FOLDER, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        for version, files in found.items():
            _write(place, version, files)
        keys = self._home.root / KEYS_FILE
        (place / KEYS_FILE).unlink(missing_ok=True)
        if keys.is_file():
            write_atomically(place / KEYS_FILE, read_text(self._home.root, KEYS_FILE))
        return Workspace(place)

    def keep(self, workspace: Workspace, version: SchemaVersion) -> tuple[dict[str, bytes], str | None]:
        """Keep the folder of a version that was sealed: for all machines, and in the home workspace unless it
        has another one. Returns its files, and why it isn't in the home workspace."""
        files = _folder_files(workspace.root, version)
        self._catalogue.uploads.keep_sealed(version, self._store.put(write_archive(files)))
        try:
            with exclusive(self._home.root):
                why_not = _bring_home(self._home, version, files)
        except (WorkspaceError, OSError) as error:
            why_not = str(error)
        return files, why_not

    def _sealed(self) -> dict[SchemaVersion, Files]:
        """Every published version that there is something of."""
        home = [version for version in self._home.versions() if self._home.is_sealed(version)]
        found: dict[SchemaVersion, Files] = {each: _folder_files(self._home.root, each) for each in home}
        for version, digest in self._catalogue.uploads.sealed().items():
            if version not in found:
                found[version] = self._kept(digest)
        return found

    def _kept(self, digest: str) -> Files:
        content = self._store.get(digest)
        if content is None:
            raise UploadError(_lost(digest))
        return read_archive(content)

    def _of_upload(
        self, version: SchemaVersion, files: Files, known: dict[SchemaVersion, Files]
    ) -> dict[SchemaVersion, Files]:
        """The version itself, and those before it that nothing else has."""
        taken: dict[SchemaVersion, Files] = {}
        problems: list[Problem] = []
        for each in versions_in(files):
            own = folder_of(each, files)
            if each == version:
                taken[each] = own
            elif each in known:
                if _written(own) != _written(known[each]):
                    problems.append(_differs(each))
            elif self._is_drafted_or_published(each, own):
                taken[each] = own
            else:
                problems.append(_unknown_release(each))
        if problems:
            raise UploadError(*problems)
        return taken

    def _is_drafted_or_published(self, version: SchemaVersion, files: Files) -> bool:
        """A draft before the version is for the release to refuse; what is sealed has to be what is known."""
        name = f"{VERSIONS_FOLDER}/{version}/{LOCK_NAME}"
        if name not in files:
            return True
        published = self._catalogue.find(version)
        if published is None:
            return False
        lock = ReleaseLock.from_toml(files[name].decode("utf-8", "replace"), file=name)
        return lock.artifacts == tuple(artifact.locked() for artifact in published.artifacts)


def _bring_home(home: Workspace, version: SchemaVersion, files: Files) -> str | None:
    if version not in home.versions():
        _write(home.root, version, files)
        return None
    there = _folder_files(home.root, version)
    if _written(there) != _written(files):
        return f"{VERSIONS_FOLDER}/{version} there is another draft"
    for name, content in files.items():
        if name.rpartition("/")[2] in (*OF_A_RELEASE, _CHANGELOG) and there.get(name) != content:
            write_atomically(home.root / name, content.decode())
    return None


def _write(root: Path, version: SchemaVersion, files: Files) -> None:
    own = f"{VERSIONS_FOLDER}/{version}"
    write_folder(root / own, {name.removeprefix(f"{own}/"): content for name, content in files.items()})


def _folder_files(root: Path, version: SchemaVersion) -> dict[str, bytes]:
    """Those of a version's folder; links are not followed, and hidden files are not its."""
    folder = root / VERSIONS_FOLDER / str(version)
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    named = ((path.relative_to(root).as_posix(), path) for path in found)
    return {name: path.read_bytes() for name, path in named if "/." not in name}


def _written(files: Files) -> dict[str, bytes]:
    """What was written by people: a release writes a changelog where they wrote none."""
    texts = without_release(files)
    return {name: text for name, text in texts.items() if name.rpartition("/")[2] != _CHANGELOG}


def _differs(version: SchemaVersion) -> Problem:
    return Problem(
        code="upload-differs",
        message=f"the archive has another {version} than was published",
        fix=f"bring back schemas/{version} as it was published, and put changes into a new version",
    )


def _unknown_release(version: SchemaVersion) -> Problem:
    return Problem(
        code="upload-unknown-release",
        message=f"the archive has {version} with a release.lock, and this service knows of no such release",
        fix="if another machine has published it, run on the server: schema-service repair",
    )


def _lost(digest: str) -> Problem:
    return Problem(
        code="upload-lost",
        message=f"the files of upload {digest[:12]} are not in the store of artifacts any more",
        fix="upload them again; [artifacts] url has to be the same for every server and worker",
    )
