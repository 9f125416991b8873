"""A small registry of each make, for wheels and tarballs: its addresses, statuses and credentials as its
makers document them. Whatever it is asked that they don't document, it remembers and answers with 404."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

Answer = tuple[int, str, bytes]
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """How one make of registry lays out its addresses, and what it says to a file that is there."""

    index: str  # the path that uploads go to
    files: str  # the path below which an index keeps its files
    npm: str
    taken: Answer
    taken_npm: Answer
    knows_users: bool  # whether it answers `npm whoami`
    keeps_manifests: bool  # whether a packument has more than the fields that installers need
    forwards: bool = False  # whether an index sends those who ask for a strange project to the public one


_EXISTS = b'{"message": "Validation failed: File name has already been taken"}'
_NO_OVERWRITE = b'{"errors": [{"status": 403, "message": "Not enough permissions to delete/overwrite"}]}'
_NO_UPDATE = b"<html><body>Repository does not allow updating assets: hosted</body></html>"
MAKES = {
    "gitlab": Make(
        index="/api/v4/projects/42/packages/pypi",
        files="/api/v4/projects/42/packages/pypi/files/{sha256}/{file}",
        npm="/api/v4/projects/42/packages/npm/",
        taken=(400, "application/json", _EXISTS),
        taken_npm=(403, "application/json", b'{"message": "403 Forbidden - Package already exists."}'),
        knows_users=False,
        keeps_manifests=False,
        forwards=True,
    ),
    "artifactory": Make(
        index="/artifactory/api/pypi/pypi-local",
        files="/artifactory/api/pypi/pypi-local/packages/{name}/{version}/{file}",
        npm="/artifactory/api/npm/npm-local/",
        taken=(403, "application/json", _NO_OVERWRITE),
        taken_npm=(403, "application/json", _NO_OVERWRITE),
        knows_users=True,
        keeps_manifests=True,
    ),
    "nexus": Make(
        index="/repository/pypi-hosted/",
        files="/repository/pypi-hosted/packages/{name}/{version}/{file}",
        npm="/repository/npm-hosted/",
        taken=(400, "text/html", _NO_UPDATE),
        taken_npm=(400, "application/json", b'{"success": false, "error": "cannot be updated"}'),
        knows_users=True,
        keeps_manifests=True,
    ),
}


def basic(username: str, password: str) -> tuple[str, str]:
    """The header of HTTP's basic authentication."""
    return "Authorization", f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


@dataclass(kw_only=True)
class ShapedServer:
    """A running registry. It lets in whoever sends one of the headers in ``accepted``."""

    make: Make
    accepted: set[tuple[str, str]]
    pages_as: str = "html"  # or json
    public: str = ""  # where it forwards to
    undocumented: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    wheels: dict[str, dict[str, tuple[str, bytes]]] = field(default_factory=dict)  # project -> file
    packuments: dict[str, dict[str, Any]] = field(default_factory=dict)
    tarballs: dict[str, bytes] = field(default_factory=dict)
    alter: bool = False  # whether it serves other bytes than it was given
    url: str = ""

    @property
    def upload_url(self) -> str:
        return f"{self.url}{self.make.index}"

    @property
    def npm_url(self) -> str:
        return f"{self.url}{self.make.npm}"

    def answer(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        """What it says to a request."""
        simple = f"{self.make.index.rstrip('/')}/simple/"
        if not any(headers.get(name) == value for name, value in self.accepted):
            return 401, "text/plain", b"who are you?"
        if method == "POST" and path == self.make.index:
            return self._upload(headers, body)
        if method == "GET" and path.startswith(simple):
            return self._page(path.removeprefix(simple).strip("/"))
        if method == "GET" and (content := self._file(path)) is not None:
            return 200, "application/octet-stream", content + (b"!" if self.alter else b"")
        if path.startswith(self.make.npm):
            return self._npm(method, path.removeprefix(self.make.npm), body)
        return self._unknown(method, path)

    def _unknown(self, method: str, path: str) -> Answer:
        self.undocumented.append(f"{method} {path}")
        return 404, "application/json", b'{"error": "404 Not Found"}'

    def _upload(self, headers: Headers, body: bytes) -> Answer:
        form = _form(headers, body)
        if "content" not in form:
            return 400, "application/json", b'{"error": "content is missing"}'
        name, file = form["name"][1].decode(), form["content"][0]
        files = self.wheels.setdefault(re.sub(r"[-_.]+", "-", name).lower(), {})
        if file in files:
            return self.make.taken
        self.writes.append(file)
        files[file] = (form["version"][1].decode(), form["content"][1])
        return 201, "text/plain", b""

    def _page(self, name: str) -> Answer:
        if name not in self.wheels:
            if self.make.forwards and self.public:
                return 302, f"{self.public}{name}/", b""
            return 404, "text/plain", b""
        links = {file: self._address(name, file) for file in self.wheels[name]}
        if self.pages_as == "json":
            files = [
                {"filename": file, "url": link.partition("#")[0], "hashes": {"sha256": link[-64:]}}
                for file, link in links.items()
            ]
            page = json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": files})
            return 200, "application/vnd.pypi.simple.v1+json", page.encode()
        page = "".join(f'<a href="{link}" rel="internal">{file}</a><br/>' for file, link in links.items())
        return 200, "text/html", f"<!DOCTYPE html><html><body>{page}</body></html>".encode()

    def _address(self, name: str, file: str) -> str:
        version, content = self.wheels[name][file]
        digest = hashlib.sha256(content).hexdigest()
        place = self.make.files.format(sha256=digest, name=name, version=version, file=file)
        if not self.make.forwards:  # relative to the page
            place = f"../../{place.removeprefix(self.make.index.rstrip('/')).lstrip('/')}"
        return f"{place}#sha256={digest}"

    def _file(self, path: str) -> bytes | None:
        for name, files in self.wheels.items():
            for file, (version, content) in files.items():
                digest = hashlib.sha256(content).hexdigest()
                if path == self.make.files.format(sha256=digest, name=name, version=version, file=file):
                    return content
        return self.tarballs.get(path)

    def _npm(self, method: str, path: str, body: bytes) -> Answer:
        if path == "-/whoami":
            return (200, "application/json", b'{"username": "ci"}') if self.make.knows_users else _NOT_FOUND
        if tag := re.fullmatch(r"-/package/(@[a-z]+%2[fF][a-z-]+)/dist-tags/([a-z0-9-]+)", path):
            return self._tag(method, unquote(tag[1]), tag[2], body)
        if not re.fullmatch(r"@[a-z]+%2[fF][a-z-]+", path):
            return self._unknown(method, path)
        name = unquote(path)
        if method == "PUT":
            return self._publish(name, json.loads(body))
        if name not in self.packuments:
            return _NOT_FOUND
        return 200, "application/json", json.dumps(self.packuments[name]).encode()

    def _tag(self, method: str, name: str, tag: str, body: bytes) -> Answer:
        tags = self.packuments[name]["dist-tags"]
        if method == "DELETE":
            del tags[tag]
        else:
            tags[tag] = json.loads(body)
        self.writes.append(f"{method} {tag}")
        return 204, "application/json", b""

    def _publish(self, name: str, sent: dict[str, Any]) -> Answer:
        known = self.packuments.setdefault(name, {"name": name, "versions": {}, "dist-tags": {}})
        ((version, manifest),) = sent["versions"].items()
        if version in known["versions"]:
            return self.make.taken_npm
        ((file, attached),) = sent["_attachments"].items()
        path = f"{self.make.npm}{name}/-/{file}"
        self.tarballs[path] = base64.b64decode(attached["data"])
        dist = {"shasum": manifest["dist"]["shasum"], "tarball": f"{self.url}{path}"}
        kept = manifest if self.make.keeps_manifests else {"name": name, "version": version}
        known["versions"][version] = {**kept, "dist": dist}
        known["dist-tags"] |= sent["dist-tags"]
        known["dist-tags"].setdefault("latest", version)
        self.writes.append(f"{name} {version}")
        return 200, "application/json", b"{}"


_NOT_FOUND: Answer = (404, "application/json", b'{"error": "not_found"}')


def _form(headers: Headers, body: bytes) -> dict[str, tuple[str, bytes]]:
    """The fields of an upload: the name of a file, if it is one, and the content."""
    kind = headers.get("Content-Type", "")
    if not kind.startswith("multipart/"):
        return {}
    message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts: Any = message.get_payload()
    found = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        found[str(name)] = (part.get_filename() or "", part.get_payload(decode=True))
    return found


@contextmanager
def shaped_server(make: str, *accepted: tuple[str, str], **more: Any) -> Iterator[ShapedServer]:
    """Run a registry of that make."""
    shaped = ShapedServer(make=MAKES[make], accepted=set(accepted), **more)
    with serving(shaped.answer) as url:
        shaped.url = url
        yield shaped


@contextmanager
def serving(answer: Callable[[str, str, Headers, bytes], Answer]) -> Iterator[str]:
    """Serve on a port of this machine, and give its address. The middle of an answer with a status of 3xx is
    where it leads."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, kind, content = answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Location" if 300 <= status < 400 else "Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 - the base class names them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
