"""How the workflow's database stores values: as JSON, never as pickles.

DBOS pickles by default, and then whoever can write to a shared state database can run code in every
worker. Results are plain JSON values; an error keeps its problems, so that a resumed release reports the
same ones as the attempt that failed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from dbos import Serializer

from schemas.errors import ExitCode, Problem, ServiceError


class StoredError(ServiceError):
    """A failure read back from the workflow's database: the same problems and the same exit code."""

    def __init__(self, *problems: Problem, exit_code: ExitCode) -> None:
        super().__init__(*problems)
        self.exit_code = exit_code


class UnexpectedError(Exception):
    """A bug of ours, read back from the workflow's database: only its type and text were kept."""


class JsonSerializer(Serializer):
    """The codec that DBOS is configured with."""

    def name(self) -> str:
        return "schema_service_json"

    def serialize(self, data: Any) -> str:
        if isinstance(data, ServiceError):
            problems = [asdict(problem) for problem in data.problems]
            return json.dumps({"problems": problems, "exit_code": data.exit_code})
        if isinstance(data, BaseException):
            return json.dumps({"unexpected": f"{type(data).__name__}: {data}"})
        return json.dumps({"value": data})

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805 - the base class names it so
        stored = json.loads(serialized_data)
        if "problems" in stored:
            problems = [Problem(**problem) for problem in stored["problems"]]
            return StoredError(*problems, exit_code=ExitCode(stored["exit_code"]))
        if "unexpected" in stored:
            return UnexpectedError(stored["unexpected"])
        return stored["value"]
