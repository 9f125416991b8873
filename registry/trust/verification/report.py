"""What was compared, and what differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from schemas.errors import Problem
from schemas.versions import SchemaVersion

Status = Literal["ok", "failed", "unsigned", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared with others."""

    subject: str
    status: Status
    detail: str


@dataclass(slots=True)
class Report:
    """``signed_by`` is the id of the key that signed the statement, None for an unsigned version;
    ``built_by`` the version of this tool that the statement names."""

    version: SchemaVersion
    checks: list[Check] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    signed_by: str | None = None
    built_by: str | None = None

    def passed(self, subject: str, detail: str, status: Status = "ok") -> None:
        self.checks.append(Check(subject, status, detail))

    def failed(self, subject: str, *problems: Problem) -> None:
        self.checks.append(Check(subject, "failed", "; ".join(problem.message for problem in problems)))
        self.problems += problems

    def result(self, subject: str, detail: str, problems: list[Problem]) -> None:
        """Failed where there are problems."""
        if problems:
            self.failed(subject, *problems)
        else:
            self.passed(subject, detail)

    def as_document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "version": str(self.version),
            "signed_by": self.signed_by,
            "built_by": self.built_by,
            "checks": [asdict(each) for each in self.checks],
        }
