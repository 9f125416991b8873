"""A release index with a staging index before it: uploads go to the latter, and are promoted byte for byte.

Between two indexes of one devpi this is devpi's own push (devpi documentation, "push"); elsewhere the file is
read from the one and uploaded to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from packaging.utils import canonicalize_name
from packaging.version import Version

from generators.target import Artifact

from ..errors import CredentialsError
from .connection import response_summary
from .latest_decision import LatestDecision
from .publisher import ListedSignatures, Maker, PublishedFile, not_published
from .pypi import PypiPublisher


@dataclass(frozen=True, slots=True)
class StagedIndex:
    """Looks at the release index first: what is there is published, whatever the staging index has."""

    release: PypiPublisher
    staging: PypiPublisher

    @property
    def url(self) -> str:
        return self.release.url

    @property
    def registries(self) -> tuple[StagedIndex, ...]:
        return (self,)

    @property
    def is_hidden(self) -> bool:
        return True

    def check_access(self, name: str) -> None:
        for index in (self.release, self.staging):
            index.check_access(name)

    def newest(self, name: str) -> str | None:
        found = [newest for index in (self.release, self.staging) if (newest := index.newest(name))]
        return max(found, key=Version, default=None)

    def versions(self, name: str) -> frozenset[str]:
        return self.release.versions(name) | self.staging.versions(name)

    def maker(self, name: str, version: str) -> Maker:
        made = [index.maker(name, version) for index in (self.release, self.staging)]
        return Maker(is_this_tool=all(maker.is_this_tool for maker in made))

    def lookup(self, name: str, version: str, filename: str) -> PublishedFile | None:
        return self.release.lookup(name, version, filename) or self.staging.lookup(name, version, filename)

    def upload(self, artifact: Artifact) -> None:
        if self.release.lookup(artifact.name, artifact.version, artifact.filename) is None:
            self.staging.upload(artifact)
        else:
            self.release.upload(artifact)  # which compares the bytes

    def promote(self, name: str, version: str, filename: str) -> None:
        if self.release.lookup(name, version, filename) is not None:
            return
        if self.staging.lookup(name, version, filename) is None:
            raise not_published(name, version, self.staging.uploads.name)
        if not self._push(name, version):
            content = self.staging.download(name, version, filename)
            self.release.upload(
                Artifact(
                    language="python",
                    kind="wheel",
                    name=name,
                    version=version,
                    filename=filename,
                    content=content,
                )
            )

    def is_waiting(self, name: str, version: str, filename: str) -> bool:
        if self.release.lookup(name, version, filename) is not None:
            return False
        return self.staging.lookup(name, version, filename) is not None

    def download(self, name: str, version: str, filename: str) -> bytes:
        is_released = self.release.lookup(name, version, filename) is not None
        return (self.release if is_released else self.staging).download(name, version, filename)

    def latest(self, name: str) -> str | None:
        return self.release.latest(name)

    def set_latest(self, name: str, version: str) -> None:
        """Nothing to do: a Python index has no tags."""

    def signatures(self, name: str, version: str) -> ListedSignatures:
        return self.release.signatures(name, version)

    def packument(self, name: str) -> dict[str, Any]:
        return self.release.packument(name)

    def tags(self, name: str) -> Mapping[str, str]:
        return self.release.tags(name)

    def set_tags(self, name: str, wanted: Mapping[str, str | None]) -> bool:
        return self.release.set_tags(name, wanted)

    def end_staging(self, name: str, version: str) -> None:
        """Nothing to do: the staging index keeps what it has."""

    def is_staged(self, name: str, version: str) -> bool:
        return self.release.is_staged(name, version)

    def decisions(self, name: str) -> list[LatestDecision]:
        return self.release.decisions(name)

    def show_decision(self, name: str, decision: LatestDecision) -> None:
        """Nothing to do, as for `latest`."""

    def unpinned(self, name: str) -> str | None:
        return self.release.unpinned(name)

    def withdrawal(self, name: str, version: str) -> str | None:
        return self.release.withdrawal(name, version)

    def mark_withdrawn(self, name: str, version: str, text: str | None) -> bool:
        return self.release.mark_withdrawn(name, version, text)

    def _push(self, name: str, version: str) -> bool:
        """Whether both are indexes of one devpi, which has copied the version from the one to the other."""
        source, target = _devpi_index(self.staging), _devpi_index(self.release)
        if source is None or target is None or source[0] != target[0]:
            return False
        asked = {"name": canonicalize_name(name), "version": version, "targetindex": target[1]}
        try:
            response = self.staging.uploads.send("POST", self.staging.url, json=asked, headers=_JSON)
        except CredentialsError:
            why = "these credentials may not upload there"
        else:
            if response.ok:
                return True
            why = response_summary(response)
        raise self.staging.uploads.refused(
            "promotion-refused",
            f"doesn't push {name} {version} to {target[1]} ({why})",
            "give these credentials the right to upload to both indexes, then run this again",
        )


_JSON = {"Accept": "application/json"}


def _devpi_index(publisher: PypiPublisher) -> tuple[str, str] | None:
    """The devpi's own address and ``user/index`` on it; None for another server."""
    response = publisher.uploads.get(urljoin(publisher.url, "+api"), headers=_JSON)
    try:
        login = response.json()["result"]["login"] if response.ok else None
    except (ValueError, KeyError, TypeError):
        login = None
    root = login.removesuffix("+login") if isinstance(login, str) else None
    if not root or not publisher.url.startswith(root):
        return None
    return root, publisher.url.removeprefix(root).strip("/")
