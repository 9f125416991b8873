"""What an index says of yanked files (PEP 592), in HTML and in JSON, and what pip takes then."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from registry.publishers.pypi import PypiPublisher

from .fake_registry import FakeRegistry

_FILES = {f"shop-{version}-py3-none-any.whl": version for version in ("1.0.0", "1.1.0", "1.2.0", "2.0.0rc1")}


def _html(yanked: dict[str, str]) -> tuple[str, bytes]:
    links = []
    for name, version in _FILES.items():
        mark = f' data-yanked="{yanked[version]}"' if version in yanked else ""
        links.append(f'<a href="{name}"{mark}>{name}</a>')
    return "text/html", "".join(links).encode()


def _json(yanked: dict[str, str]) -> tuple[str, bytes]:
    files = []
    for name, version in _FILES.items():
        mark = yanked.get(version) or version in yanked
        files.append({"filename": name, "url": name, "hashes": {}, "yanked": mark})
    return "application/vnd.pypi.simple.v1+json", json.dumps({"files": files}).encode()


@pytest.mark.parametrize("page", [_html, _json])
def test_a_yanked_file_is_told_and_not_what_pip_takes(
    registries: Callable[[], FakeRegistry], page: Callable[[dict[str, str]], tuple[str, bytes]]
) -> None:
    registry = registries()
    publisher = PypiPublisher(upload_url=registry.url, index_url=registry.url, credentials=None)

    def show(**yanked: str) -> None:
        kind, body = page({name.replace("_", "."): reason for name, reason in yanked.items()})
        registry.answers["/shop/"] = (200, {"Content-Type": kind}, body)

    versions = ("1_0_0", "1_1_0", "1_2_0")
    show()
    assert publisher.unpinned("shop") == "1.2.0"
    assert publisher.withdrawal("shop", "1.2.0") is None
    assert publisher.mark_withdrawn("shop", "1.2.0", "withdrawn: x") is False
    show(**{versions[2]: "loses rows"})
    assert publisher.unpinned("shop") == "1.1.0"
    assert publisher.withdrawal("shop", "1.2.0") == "loses rows"
    assert publisher.mark_withdrawn("shop", "1.2.0", "withdrawn: x") is True
    assert publisher.mark_withdrawn("shop", "1.2.0", None) is False
    show(**dict.fromkeys(versions, ""))
    assert publisher.withdrawal("shop", "1.0.0") == "yanked"
    assert publisher.unpinned("shop") == "2.0.0rc1"
    assert publisher.unpinned("unknown") is None
