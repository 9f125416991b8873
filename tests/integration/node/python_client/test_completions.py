"""What an editor offers inside the arguments of a query: asked of a language server, as editors do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generators.target import GenerationRequest

SCHEMA = """
enum Role {
  READER
  EDITOR
}

model User {
  id      Int      @id
  email   String   @unique
  role    Role     @default(READER)
  data    Json?
  words   String[]
  posts   Post[]
  profile Profile?
}

model Profile {
  id     Int  @id
  userId Int  @unique
  user   User @relation(fields: [userId], references: [id])
}

model Post {
  id     Int    @id
  title  String
  views  Int    @default(0)
  userId Int?
  user   User?  @relation(fields: [userId], references: [id])

  @@unique([userId, title])
}
"""
_FIELDS = {"id", "email", "role", "data", "words"}
_RELATIONS = {"posts", "profile"}
_TEXT = {"equals", "not", "in", "not_in", "lt", "lte", "gt", "gte", "contains", "startswith", "endswith"}
_MANY = {"take", "skip", "where", "cursor", "order", "distinct", "include", "omit"}
_LINKS = {"create", "connect", "connect_or_create"}
#: A call, with ``|`` where the cursor is, and what has to be offered there.
CASES: list[tuple[str, set[str]]] = [
    ('db.user.find_many(where={"|"})', {*_FIELDS, *_RELATIONS, "AND", "OR", "NOT"}),
    ('db.user.find_many(where={"email": {"|"}})', {*_TEXT, "mode", "search"}),
    ('db.user.find_many(where={"data": {"|"}})', {"path", "equals", "string_contains", "array_contains"}),
    ('db.user.find_many(where={"words": {"|"}})', {"has", "has_every", "has_some", "is_empty", "equals"}),
    ('db.user.find_many(where={"posts": {"|"}})', {"some", "none", "every"}),
    ('db.user.find_many(where={"posts": {"some": {"|"}}})', {"title", "views", "user"}),
    ('db.post.find_many(where={"user": {"is": {"|"}}})', _FIELDS),
    ('db.user.find_unique(where={"|"})', {"id", "email"}),
    ('db.post.find_unique({"userId_title": {"|"}})', {"userId", "title"}),
    ('db.user.find_many(include={"|"})', {*_RELATIONS, "_count"}),
    ('db.user.find_many(include={"posts": {"|"}})', _MANY),
    ('db.user.find_many(include={"posts": {"include": {"|"}}})', {"user"}),
    ('db.user.find_many(include={"posts": {"where": {"|"}}})', {"title", "views", "user"}),
    ('db.user.find_many(include={"_count": {"|"}})', {"posts"}),
    ('db.user.find_many(order={"|"})', {*_FIELDS, *_RELATIONS, "_relevance"}),
    ('db.user.find_many(order={"email": "|"})', {"asc", "desc"}),
    ('db.user.find_many(order={"email": {"|"}})', {"sort", "nulls"}),
    ('db.user.find_many(distinct=["|"])', _FIELDS),
    ('db.user.find_many(omit=["|"])', _FIELDS),
    ('db.user.create({"|"})', {*_FIELDS, *_RELATIONS}),
    ('db.user.create({"posts": {"|"}})', _LINKS),
    ('db.user.create({"posts": {"create": {"|"}}})', {"title", "views", "user"}),
    ('db.user.create_many([{"|"}])', _FIELDS),
    ('db.post.update(data={"|"}, where={"id": 1})', {"title", "views", "user"}),
    ('db.post.update({"views": {"|"}}, {"id": 1})', {"increment", "decrement", "multiply", "divide", "set"}),
    ('db.user.update({"words": {"|"}}, {"id": 1})', {"push", "set"}),
    (
        'db.user.update({"posts": {"|"}}, {"id": 1})',
        {*_LINKS, "set", "disconnect", "delete", "update", "upsert", "update_many", "delete_many"},
    ),
    ('db.user.update({"profile": {"|"}}, {"id": 1})', {*_LINKS, "disconnect", "delete", "update", "upsert"}),
    ('db.user.upsert({"id": 1}, {"|"})', {"create", "update"}),
    ('db.user.upsert({"id": 1}, {"create": {"|"}})', _FIELDS),
    ('db.post.group_by(["|"])', {"title", "views", "userId"}),
    ('db.post.group_by(["title"], having={"views": {"|"}})', {"_avg", "_sum", "_min", "_max", "_count"}),
    ('tx.user.find_first(where={"|"})', _FIELDS),
    ('batch.user.create({"|"})', _FIELDS),
    ('await adb.user.find_many(where={"posts": {"every": {"|"}}})', {"title", "views"}),
    ('await models.User.prisma().find_first(include={"|"})', _RELATIONS),
]
_OPENING = """\
from schema_client import AsyncClient, Client, models


async def main(db: Client, adb: AsyncClient) -> None:
    with db.tx() as tx, db.batch_() as batch:
"""


class LanguageServer:
    """Messages over stdin and stdout: https://microsoft.github.io/language-server-protocol/."""

    def __init__(self, folder: Path) -> None:
        command = [str(Path(sys.executable).parent / "basedpyright-langserver"), "--stdio"]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._last = 0

    def send(self, method: str, params: Any, **more: Any) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params, **more})

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request; what the server asks meanwhile is answered with nothing."""
        self._last += 1
        self.send(method, params, id=self._last)
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                asked = message["params"].get("items", []) if message["params"] else []
                result = [None] * len(asked) if message["method"] == "workspace/configuration" else None
                self._write({"jsonrpc": "2.0", "id": message["id"], "result": result})
            elif message.get("id") == self._last:
                assert "error" not in message, message
                return message["result"]

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _write(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self._process.stdin.flush()

    def _read(self) -> Any:
        stream = self._process.stdout
        assert stream
        length = 0
        while (line := stream.readline().strip()) or not length:
            assert line or self._process.poll() is None, "the language server has ended"
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return json.loads(stream.read(length))


@pytest.fixture(scope="module")
def consumer(
    make_request: Callable[..., GenerationRequest],
    write_client: Callable[[GenerationRequest, Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A file with all calls, a line each, beside the client."""
    folder = write_client(make_request(SCHEMA), tmp_path_factory.mktemp("completed"))
    lines = [f"        {call.replace('|', '')}\n" for call, _ in CASES]
    # No diagnostics: they are tested elsewhere.
    settings = {"include": ["consumer.py"], "typeCheckingMode": "off", "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    (folder / "consumer.py").write_text(_OPENING + "".join(lines))
    return folder / "consumer.py"


@pytest.fixture(scope="module")
def server(consumer: Path) -> Iterator[LanguageServer]:
    server = LanguageServer(consumer.parent)
    try:
        root = consumer.parent.as_uri()
        python = {"python": {"pythonPath": sys.executable}}
        folders = [{"uri": root, "name": "consumer"}]
        asked: dict[str, Any] = {
            "processId": None,
            "rootUri": root,
            "workspaceFolders": folders,
            "capabilities": {},
        }
        server.ask("initialize", {**asked, "initializationOptions": python})
        server.send("initialized", {})
        server.send("workspace/didChangeConfiguration", {"settings": python})
        document = {
            "uri": consumer.as_uri(),
            "languageId": "python",
            "version": 1,
            "text": consumer.read_text(),
        }
        server.send("textDocument/didOpen", {"textDocument": document})
        yield server
    finally:
        server.stop()


def test_editors_offer_what_can_be_written(server: LanguageServer, consumer: Path) -> None:
    missing: list[tuple[str, set[str], set[str]]] = []
    for number, (call, wanted) in enumerate(CASES):
        place = {"line": _OPENING.count("\n") + number, "character": 8 + call.index("|")}
        answer = server.ask(
            "textDocument/completion", {"textDocument": {"uri": consumer.as_uri()}, "position": place}
        )
        items = answer["items"] if isinstance(answer, dict) else answer or []
        offered = {item["label"].strip("\"'") for item in items}
        if not wanted <= offered:
            missing.append((call, wanted - offered, offered))
    assert missing == []
