"""Commands as people remember them from other tools, or guess them, and the ones that do it here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

_WITHDRAW: Final = ("withdraw VERSION --reason TEXT",)
_RESTORE: Final = ("restore VERSION",)
_LATEST: Final = ("latest set VERSION",)
_REMOVE: Final = ("delete-draft VERSION", *_WITHDRAW)
_LIST: Final = ("versions",)
_CHECK: Final = ("check VERSION",)
_UP: Final = ("migrate NAME --to VERSION",)
_DOWN: Final = ("migrate NAME --to VERSION --down", "rollback --to VERSION")
_FROM_DATABASE: Final = ("init --from-prisma FOLDER",)
_CREDENTIALS: Final = ("token create NAME --scope SCOPE",)
#: By the group of commands, and the word that follows it. A name in capitals is to be filled in; the last
#: words of a group are what is typed where a version or an id is given at once.
REMEMBERED: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "": {
        **dict.fromkeys(("set-latest", "dist-tag", "tag"), _LATEST),
        **dict.fromkeys(("yank", "unpublish", "deprecate", "retract"), _WITHDRAW),
        **dict.fromkeys(("unyank", "undeprecate", "unretract"), _RESTORE),
        **dict.fromkeys(("delete", "remove", "rm"), _REMOVE),
        **dict.fromkeys(("list", "ls", "releases-list"), _LIST),
        **dict.fromkeys(("status", "state"), ("versions", "databases")),
        **dict.fromkeys(("login", "auth"), _CREDENTIALS),
        **dict.fromkeys(("logout", "whoami", "tokens"), ("token list",)),
        **dict.fromkeys(("validate", "lint", "test"), _CHECK),
        **dict.fromkeys(("upgrade", "apply", "deploy"), (*_UP, "publish VERSION")),
        **dict.fromkeys(("downgrade", "revert", "undo"), _DOWN),
        **dict.fromkeys(("history", "events"), ("log",)),
        **dict.fromkeys(("info", "view", "describe", "get"), ("show VERSION",)),
        **dict.fromkeys(("compare", "changes"), ("diff OLD NEW",)),
        **dict.fromkeys(("start", "server", "api"), ("serve", "up")),
        **dict.fromkeys(("create", "draft", "bump"), ("new VERSION",)),
        **dict.fromkeys(("drafts", "migrations"), ("versions", "migration new NAME")),
        **dict.fromkeys(("compile", "pack"), ("build VERSION --out FOLDER",)),
        **dict.fromkeys(("import", "pull", "introspect"), _FROM_DATABASE),
        **dict.fromkeys(("fix", "doctor", "sync"), ("repair --dry-run",)),
        **dict.fromkeys(("drift", "database"), ("databases --ask",)),
        **dict.fromkeys(("keys", "sign"), ("key list", "key new")),
        **dict.fromkeys(("webhooks", "notify", "notifications"), ("deliveries",)),
        "audit-log": ("token log",),
        "workers": ("worker",),
        "edit": ("amend VERSION",),
        "help": ("--help",),
        "version": ("--version",),
    },
    "latest": {**dict.fromkeys(("get", "show", "list"), _LIST), "": _LATEST},
    "migration": {
        **dict.fromkeys(("create", "add", "generate", "make", "init"), ("migration new NAME",)),
        **dict.fromkeys(("list", "show", "ls"), ("show VERSION",)),
        **dict.fromkeys(("run", "apply", "up", "upgrade"), _UP),
        "down": _DOWN,
    },
    "key": {
        **dict.fromkeys(("create", "generate", "add", "init"), ("key new",)),
        **dict.fromkeys(("ls", "show"), ("key list",)),
    },
    "release": {**dict.fromkeys(("list", "ls"), ("releases",)), "": ("release show ID",)},
    "run": {
        **dict.fromkeys(("list", "ls"), ("runs",)),
        **dict.fromkeys(("stop", "abort"), ("run cancel ID",)),
        **dict.fromkeys(("start", "new"), _UP),
        **dict.fromkeys(("resume", "restart"), ("run retry ID",)),
        "": ("run show ID",),
    },
    "fleet": {
        **dict.fromkeys(("list", "ls"), ("fleets",)),
        **dict.fromkeys(("stop", "abort"), ("fleet cancel ID", "fleet pause ID")),
        **dict.fromkeys(("start", "run", "new"), ("migrate --label LABEL --to VERSION",)),
        "": ("fleet show ID",),
    },
    "token": {
        **dict.fromkeys(("new", "add", "make"), _CREDENTIALS),
        **dict.fromkeys(("delete", "remove", "rm"), ("token revoke NAME",)),
        **dict.fromkeys(("ls", "show"), ("token list",)),
    },
}
_VERSION_OR_ID: Final = re.compile(r"v?(?=[a-z]*\d)[0-9a-z.+-]+")


class Group(TyperGroup):
    """Answers a word that it doesn't know with the command that may be meant: ``fix`` of the exception."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except typer.TyperException as error:
            program, *group = ctx.command_path.split()
            meant = _meant(" ".join(group), args[0])
            if meant:
                setattr(error, "fix", "run: " + ", or: ".join(f"{program} {each}" for each in meant))  # noqa: B010
            raise


def _meant(group: str, word: str) -> Sequence[str]:
    table = REMEMBERED.get(group, {})
    if word in table or "" not in table or not _VERSION_OR_ID.fullmatch(word):
        return table.get(word, ())
    return [f"{each.rpartition(' ')[0]} {word}" for each in table[""]]
