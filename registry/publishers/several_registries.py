"""Several registries of one kind, which all get the same packages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generators.target import Artifact

from ..errors import RegistryUnreachableError, ReleaseError
from .latest_decision import LatestDecision
from .publisher import ListedSignatures, Maker, PublishedFile, Publisher


@dataclass(frozen=True, slots=True)
class SeveralRegistries:
    """Writes go to all of them, in order. Of those that answer, the first that has something tells it."""

    registries: tuple[Publisher, ...]

    @property
    def url(self) -> str:
        return self.registries[0].url

    @property
    def is_hidden(self) -> bool:
        return all(each.is_hidden for each in self.registries)

    def check_access(self, name: str) -> None:
        for each in self.registries:
            each.check_access(name)

    def newest(self, name: str) -> str | None:
        return next((found for each in self.registries if (found := each.newest(name))), None)

    def versions(self, name: str) -> frozenset[str]:
        return frozenset[str]().union(*(each.versions(name) for each in self.registries))

    def maker(self, name: str, version: str) -> Maker:
        return self.registries[0].maker(name, version)

    def lookup(self, name: str, version: str, filename: str) -> PublishedFile | None:
        """Only what all of them have."""
        found = [each.lookup(name, version, filename) for each in self.registries]
        return None if None in found else found[0]

    def upload(self, artifact: Artifact) -> None:
        for each in self.registries:
            each.upload(artifact)

    def promote(self, name: str, version: str, filename: str) -> None:
        for each in self.registries:
            each.promote(name, version, filename)

    def is_waiting(self, name: str, version: str, filename: str) -> bool:
        return any(each.is_waiting(name, version, filename) for each in self.registries)

    def download(self, name: str, version: str, filename: str) -> bytes:
        """From the first that has it and answers."""
        *others, last = self.registries
        for each in others:
            try:
                return each.download(name, version, filename)
            except (RegistryUnreachableError, ReleaseError):
                continue
        return last.download(name, version, filename)

    def signatures(self, name: str, version: str) -> ListedSignatures:
        return self.registries[0].signatures(name, version)

    def packument(self, name: str) -> dict[str, Any]:
        return self.registries[0].packument(name)

    def latest(self, name: str) -> str | None:
        return self.registries[0].latest(name)

    def set_latest(self, name: str, version: str) -> None:
        for each in self.registries:
            each.set_latest(name, version)

    def tags(self, name: str) -> Mapping[str, str]:
        return self.registries[0].tags(name)

    def set_tags(self, name: str, wanted: Mapping[str, str | None]) -> bool:
        done = [each.set_tags(name, wanted) for each in self.registries]
        return all(done)

    def end_staging(self, name: str, version: str) -> None:
        for each in self.registries:
            each.end_staging(name, version)

    def is_staged(self, name: str, version: str) -> bool:
        return any(each.is_staged(name, version) for each in self.registries)

    def decisions(self, name: str) -> list[LatestDecision]:
        """The last one that any of them shows comes first."""
        found = {decision for each in self.registries for decision in each.decisions(name)}
        return sorted(found, key=lambda decision: decision.number, reverse=True)

    def show_decision(self, name: str, decision: LatestDecision) -> None:
        for each in self.registries:
            each.show_decision(name, decision)

    def unpinned(self, name: str) -> str | None:
        return self.registries[0].unpinned(name)

    def withdrawal(self, name: str, version: str) -> str | None:
        return next((text for each in self.registries if (text := each.withdrawal(name, version))), None)

    def mark_withdrawn(self, name: str, version: str, text: str | None) -> bool:
        done = {each.mark_withdrawn(name, version, text) for each in self.registries}  # by all of them
        return done == {True}
