"""From nothing to a second version in use, in containers. Each test begins where the one before ended."""

from __future__ import annotations

import base64
import json
import os
import statistics
from collections.abc import Mapping
from typing import Any

import pytest
import requests

from ..documented_page import DOCS, blocks
from .conftest import Picture

pytestmark = [pytest.mark.containers, pytest.mark.timeout(0)]

_CONTENT = "{{.Created}} {{json .Config.Labels}} {{json .RootFS.Layers}}"
_IMAGES = {
    "migrate": ("schema-migrations:2.1.0", "PYTHON_IMAGE"),
    "ingestor": ("ingestor:2.1.0", "PYTHON_IMAGE"),
    "web": ("web:2.0.0", "NODE_IMAGE"),
    "service": ("schema-service:local", "PYTHON_IMAGE"),
}
_RUNNING = ("postgres", "redis", "devpi", "verdaccio", "service", "web", "ingestor")
_DRAFT = """
import pathlib, subprocess
def run(*words):
    subprocess.run(["schema-service", *words], check=True)
run("new", "2.1.0")
schema = pathlib.Path("schemas/2.1.0/schema.prisma")
text = schema.read_text()
votes, field = "  votes          ReviewVote[]\\n", '  helpfulCount Int @default(0) @map("helpful_count")\\n'
schema.write_text(text.replace(votes, votes + field))
run("migration", "new", "helpful")
run("publish", "2.1.0")
"""


def test_everything_is_healthy_after_one_command(picture: Picture) -> None:
    picture.script(f"until_healthy {' '.join(_RUNNING)}")
    assert picture.exit_code("migrate") == 0
    assert requests.get("http://127.0.0.1:18000/versions/latest", timeout=10).json()["version"] == "2.0.0"
    assert _schemas(picture) == {"web": "2.0.0", "ingestor": "2.0.0"}


def test_what_the_ingestor_writes_the_web_service_shows(picture: Picture) -> None:
    picture.feed("first.json", _feed(1, products=True))
    page = requests.get("http://127.0.0.1:18080/", timeout=10).text
    assert "Kettle &#60;blue&#62;" in page
    assert "49.9 EUR" in page
    assert "Boils fast &#38; loud." in page
    assert _written(picture) == _shown(picture)
    assert len(_shown(picture)) == 1


def test_a_file_that_can_not_be_written_is_set_aside_whole(picture: Picture) -> None:
    document = _feed(2)
    document["reviews"].append({**document["reviews"][0], "id": "r-none", "sku": "NO-SUCH"})
    container = picture.container("ingestor")
    write = f"import pathlib; pathlib.Path('/feed/bad.json').write_text({json.dumps(document)!r})"
    picture.engine_prints("exec", container, "/opt/ingestor/bin/python", "-c", write)
    picture.feed("later.json", _feed(3))  # the next file is read after it
    reason = "print(open('/feed/failed/bad.json.reason').read())"
    assert "NO-SUCH" in picture.engine_prints("exec", container, "/opt/ingestor/bin/python", "-c", reason)
    assert len(_shown(picture)) == 2


def test_a_second_version_is_published_while_all_runs_and_used_by_one_service_after_the_other(
    picture: Picture,
) -> None:
    picture.python("service", _DRAFT)
    picture.script("./consumers.sh 2.1.0")
    picture.up("migrate", MIGRATIONS_VERSION="2.1.0")
    assert picture.exit_code("migrate") == 0

    picture.up("ingestor", INGESTOR_VERSION="2.1.0")
    picture.script("until_healthy ingestor")
    assert _schemas(picture) == {"web": "2.0.0", "ingestor": "2.1.0"}
    picture.feed("second.json", _feed(4))
    assert "helpfulCount" not in json.dumps(picture.products())

    picture.up("web", WEB_VERSION="2.1.0")
    picture.script("until_healthy web")
    assert _schemas(picture) == {"web": "2.1.0", "ingestor": "2.1.0"}
    assert [review["helpfulCount"] for review in _reviews(picture)] == [0, 0, 0]


def test_one_service_goes_back(picture: Picture) -> None:
    picture.up("web", WEB_VERSION="2.0.0")
    picture.script("until_healthy web")
    assert _schemas(picture) == {"web": "2.0.0", "ingestor": "2.1.0"}
    assert len(_shown(picture)) == 3


@pytest.mark.parametrize("service", _RUNNING)
def test_what_is_killed_comes_back_with_its_data(picture: Picture, service: str) -> None:
    before = _shown(picture)
    picture.kill(service)
    picture.script("until_healthy web ingestor")
    assert _shown(picture) == before
    versions = requests.get("http://127.0.0.1:18000/versions", timeout=10).json()["versions"]
    assert [each["version"] for each in versions] == ["2.1.0", "2.0.0", "1.1.0", "1.0.0"]


def test_the_migrations_image_has_what_an_init_container_needs(picture: Picture) -> None:
    image = "schema-migrations:2.1.0"
    labels = json.loads(picture.engine_prints("inspect", "--format", "{{json .Config.Labels}}", image))
    assert labels["io.schema-service.schema.version"] == "2.1.0"
    assert len(labels["io.schema-service.schema.digest"]) == 64
    shut = ("--rm", "--read-only", "--user", "65534", "--network", "none", "--cap-drop", "all")
    assert picture.engine_prints("run", *shut, image, "--version").split()[-1] == "2.1.0"


def test_layers_of_a_version_are_the_same_whenever_they_are_built(picture: Picture) -> None:
    """The images' own ids are not: their format has the name of the container that built them."""
    if picture.engine != "podman":
        pytest.skip("docker's builder keeps the times of files")
    names = [f"{name}:2.1.0" for name in ("schema-migrations", "ingestor", "web")]
    anew = f"{picture.variables.get('BUILD_FLAGS', '')} --no-cache"
    made = []
    for _ in range(2):  # what stands there may be from an earlier release of the same, with its time
        picture.script("./consumers.sh 2.1.0", BUILD_FLAGS=anew)
        made.append([picture.engine_prints("image", "inspect", "--format", _CONTENT, name) for name in names])
    assert made[0] == made[1]


def test_what_an_image_adds_and_how_long_it_takes_to_start(
    picture: Picture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Printed, for docs/containers.md. The migrations, on a database that is current, end."""
    rounds = 5 if "SCHEMA_SERVICE_SOAK" in os.environ else 1
    told = {}
    for service, (image, base) in _IMAGES.items():
        seconds = statistics.median(picture.start_seconds(service) for _ in range(rounds))
        told[image.partition(":")[0]] = (picture.size(image) - picture.size(picture.variables[base]), seconds)
    with capsys.disabled():
        print(f"\nmedian of {rounds}, load {os.getloadavg()[0]:.1f}")
        for name, (size, seconds) in told.items():
            print(f"| `{name}` | {size / 1e6:,.0f} MB | {seconds:.1f} s |")
    assert all(size > 0 for size, _ in told.values())
    page = (DOCS / "containers.md").read_text("utf-8")
    assert [name for name in told if f"\n| `{name}`" not in page] == []


def _feed(number: int, *, products: bool = False) -> dict[str, Any]:
    """The page's own, with a number, and with characters that HTML needs to have escaped."""
    document: dict[str, Any] = json.loads(*blocks("containers.md", "json"))
    (kettle,), (review,) = document["products"], document["reviews"]
    kettle["name"] = "Kettle <blue>"
    review |= {"id": f"r-{number}", "rating": number, "body": "Boils fast & loud."}
    review["publishedAt"] = f"2026-01-0{number}T10:00:00+00:00"
    return document if products else document | {"products": []}


def _schemas(picture: Picture) -> dict[str, str]:
    first = [_events(picture, service)[-1] for service in ("ingestor",)]
    web = requests.get("http://127.0.0.1:18080/healthz", timeout=10).json()
    return {"web": web["schema"], "ingestor": first[0]["schema"]}


def _events(picture: Picture, service: str, event: str = "listening") -> list[dict[str, Any]]:
    log = picture.engine_prints("logs", picture.container(service))
    entries = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [entry for entry in entries if entry["event"] == event]


def _written(picture: Picture) -> list[tuple[str, int, str]]:
    return [(row["id"], row["rating"], row["fingerprint"]) for row in _events(picture, "ingestor", "written")]


def _shown(picture: Picture) -> list[tuple[str, int, str]]:
    return [
        (review["id"], review["rating"], base64.b64decode(review["fingerprint"]).hex())
        for review in _reviews(picture)
    ]


def _reviews(picture: Picture) -> list[Mapping[str, Any]]:
    return [review for product in picture.products()["products"] for review in product["reviews"]]
