"""What others make of the API's description: a generated client, and a program that tries everything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from registry.config.upstreams import PythonUpstream
from registry.consumers.throwaway_environments import PythonEnvironment, python_environment

_GENERATOR = "openapi-python-client==0.29.1"
_SCHEMATHESIS = (str(Path(sys.executable).with_name("schemathesis")), "run")
_QUICK = ("--phases", "examples,fuzzing", "--max-examples", "1")
#: SCHEMA_SERVICE_SOAK_EXAMPLES says how many of each operation are tried in a soak test.
_EXAMPLES = os.environ.get("SCHEMA_SERVICE_SOAK_EXAMPLES", "50")
_LONG = (
    "--phases",
    "examples,coverage,fuzzing,stateful",
    "--max-examples",
    _EXAMPLES,
    "--continue-on-failure",
)
_AS_MUCH_AS_THERE_IS_TIME_FOR = (
    *(_LONG if os.environ.get("SCHEMA_SERVICE_SOAK") else _QUICK),
    *("--generation-database", "none", "--no-color", "--warnings", "off", "--seed", "1"),
    # A database that doesn't answer is described: 503. What isn't described, as 500, is found all the same.
    *("--exclude-checks", "not_a_server_error"),
)
#: What a description can't rule out is refused with 400: an archive that is none, an odd reason.
_SETTINGS = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 429, "5xx"]
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429, "5xx"]
# Its links are templates, which are taken for values.
[[operations]]
include-path = "/"
phases.stateful.enabled = false
"""
#: Given the API's address, a token, the folder of the client, and a version with an archive of its folder.
PUBLISHES_AND_MIGRATES = """
import json, sys, time
address, token, folder, version, archive = sys.argv[1:]
sys.path.insert(0, folder)
from schema_service_client import AuthenticatedClient, Client
from schema_service_client.api.drafts import upload_draft
from schema_service_client.api.releases import check_version, publish_version, release, release_events
from schema_service_client.api.runs import run, run_events, start_run
from schema_service_client.api.versions import versions
from schema_service_client.models import ReleaseRequest, RunRequest
from schema_service_client.types import File

client = AuthenticatedClient(base_url=address, token=token)

def ended(asked, show):
    while (now := show.sync(asked.id, client=client)).state in ("queued", "running"):
        time.sleep(0.2)
    return now

def told(events, asked):
    lines = events.sync_detailed(asked.id, client=client).content.decode().splitlines()
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]

with open(archive, "rb") as content:
    draft = upload_draft.sync(version, client=client, body=File(payload=content))
checked = ended(check_version.sync(version, client=client), release)
wanted = ReleaseRequest(draft=draft.draft)
published = ended(publish_version.sync(version, client=client, body=wanted), release)
listed = versions.sync(client=Client(base_url=address))
refused = start_run.sync("main", client=client, body=RunRequest(to="9.9.9"))
now = ended(start_run.sync("main", client=client, body=RunRequest(to=listed.versions[0].version)), run)
print(json.dumps({
    "released": [checked.to_dict(), published.to_dict()],
    "steps": told(release_events, published).count("step_finished"),
    "versions": [each.version for each in listed.versions],
    "refused": refused.problems[0].code,
    "state": now.state,
    "migrations": now.result["migrations"],
    "events": told(run_events, now),
}))
"""


def everything_tried(folder: Path, address: str, *options: str) -> subprocess.CompletedProcess[str]:
    """schemathesis, with its settings in ``folder``."""
    (folder / "schemathesis.toml").write_text(_SETTINGS)
    return subprocess.run(
        [*_SCHEMATHESIS, f"{address}/openapi.json", *_AS_MUCH_AS_THERE_IS_TIME_FOR, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def generated_client(folder: Path, address: str, upstream: PythonUpstream) -> PythonEnvironment:
    """A client that a public generator writes into ``folder``, from the description at ``address``."""
    folder.mkdir()
    environment = python_environment(folder / "environment", [_GENERATOR], upstream=upstream)
    options = ["--meta", "none", "--output-path", str(folder / "schema_service_client")]
    generator = environment.scripts / "openapi-python-client"
    environment.run_command([str(generator), "generate", "--url", f"{address}/openapi.json", *options])
    return environment
