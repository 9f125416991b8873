"""The two services of docker/, run here: the ingestor writes reviews, the web service shows them."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeAlias

import requests

from schemas.prisma.nodejs import node_executable

from ..consumers.throwaway_environments import NpmProject, PythonEnvironment
from ..local.child_process import ServerSpec, running
from .output import Output

#: Of each review, by its id: the rating, and the fingerprint in hexadecimal.
Reviews: TypeAlias = dict[str, tuple[int, str]]

FRONT_END = ("badge.ts", "page.ts")
_WEB = (*FRONT_END, "server.ts", "live.mjs")
_CHECKOUT = Path(__file__).parents[2] / "docker"
_TIMEOUT_SECONDS = 30

_REVIEW = {"sku": "KET-1", "body": "Boils fast.", "publishedAt": "2026-02-01T00:00:00+00:00"}
_SOURCE = {"name": "Shop reviews", "baseUrl": "https://shop.example/reviews"}
_FEED: Mapping[str, Any] = {
    "1.json": {
        "source": _SOURCE,
        "reviews": [
            {**_REVIEW, "id": "r-4", "rating": 5, "keywords": ["fast", "hot"]},
            {**_REVIEW, "id": "r-5", "rating": 3, "title": "Loud"},
        ],
        "prospects": [{"company": "Kettles Ltd", "expectedValue": "1200.50"}],
    },
    "2.json": {"source": _SOURCE, "reviews": [{**_REVIEW, "sku": "NO-SUCH", "id": "r-6", "rating": 1}]},
}


def ingest(environment: PythonEnvironment, database: Mapping[str, str], output: Output) -> Reviews:
    """Let the ingestor read a feed of two files, one of them bad, and return what it says it wrote."""
    feed = environment.folder / "feed"
    feed.mkdir()
    for name, content in _FEED.items():
        (feed / name).write_text(json.dumps(content), encoding="utf-8")
    script = _copied("ingestor", ("ingestor.py",), environment.folder) / "ingestor.py"
    command = [str(environment.python), "-I", str(script), "--once"]
    printed = environment.run_command(command, variables={**database, "FEED": str(feed)})
    events = [json.loads(line) for line in printed.splitlines()]
    for event in events:
        if event["event"] == "failed":
            output.line(f"ingestor: {event['file']} set aside, {event['reason']}; a trigger raised an alert")
    written = {e["id"]: (e["rating"], e["fingerprint"]) for e in events if e["event"] == "written"}
    output.line(f"ingestor: wrote reviews {', '.join(written)}")
    return written


def shown_reviews(project: NpmProject, database: Mapping[str, str], output: Output) -> Reviews:
    """Start the web service, and return the reviews that it shows."""
    folder = _copied("web", _WEB, project.folder)
    server = ServerSpec(
        name="web",
        folder=folder,
        command=lambda port: [str(node_executable()), "server.ts", str(port)],
        environment=project.environment(database),
        ready_path="healthz",
    )
    with running(server) as web, requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{web.url}api/products", timeout=_TIMEOUT_SECONDS).json()
    reviews = [review for product in answer["products"] for review in product["reviews"]]
    names = ", ".join(product["name"] for product in answer["products"])
    output.line(f"web: schema {answer['schema']}, {len(reviews)} reviews of {names}")
    return {
        review["id"]: (review["rating"], base64.b64decode(review["fingerprint"]).hex()) for review in reviews
    }


def _copied(service: str, names: tuple[str, ...], folder: Path) -> Path:
    """``folder``, where its packages are installed, with a copy of the service's sources.

    A wheel has them beside this file; a checkout has them in docker/.
    """
    with ExitStack() as stack:
        packed = stack.enter_context(as_file(files(__package__) / "services")) / service
        source = packed if packed.is_dir() else _CHECKOUT / service
        for name in names:
            shutil.copy(source / name, folder / name)
    return folder
