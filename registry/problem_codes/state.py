"""The codes of the state database, and of tokens and announcements, which it keeps: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

STATE_CODES: Final = (
    ProblemCode(
        "announcements-busy",
        "Another process is sending announcements at this moment; it sends all that is due.",
        Example(
            "another process is sending announcements", "wait until it has finished, then run this again"
        ),
    ),
    ProblemCode(
        "catalogue-is-newer",
        "The state database was upgraded by a newer schema-service, which this one must not write to.",
        Example(
            "the state database is at revision 0003: a newer schema-service has changed it, and this one knows the revisions up to 0002",
            "update schema-service here to the version that was used on the database last, "
            "or name another database in [state] url",
        ),
    ),
    ProblemCode(
        "catalogue-is-older",
        "The state database is shared, and its tables have to be upgraded, which a command that only reads "
        "doesn't do.",
        Example(
            "the shared state database is at revision 0009: an older schema-service made its tables, and a "
            "command that only reads doesn't bring them to 0010, after which older ones refuse the database",
            "once everybody who shares it has this version, run a command that writes, such as "
            "schema-service repair, which upgrades the tables; until then use the older version to read",
        ),
    ),
    ProblemCode(
        "catalogue-timeout",
        "A timeout that is set for the role, the database or in the URL is too short for what this tool asks of the "
        "state database; or somebody has cancelled the query.",
        Example(
            "the state database has ended a query: canceling statement due to statement timeout",
            "if its statement_timeout is too short: ALTER ROLE … SET statement_timeout = 0 for the role of "
            "[state] url, or leave it out of the options there; then run this again",
        ),
    ),
    ProblemCode(
        "catalogue-unavailable",
        "The state database, which keeps what was published, can't be opened, read, written or locked.",
        Example(
            "the state database can't be used: unable to open database file",
            "check [state] url and that the database is up and writable, then run this again",
        ),
        Example(
            "the state database can't be locked: connection refused",
            "check [state] url and that the database is up and writable, then run this again",
        ),
    ),
    ProblemCode(
        "no-such-token",
        "No token of this name can be revoked: there is none, or it is revoked already.",
        Example(
            "there is no token called 'ci-main' that could be revoked",
            "`schema-service token list` shows all",
        ),
    ),
    ProblemCode(
        "not-a-feed",
        "`feed` replaces a feed of the same schema, and no other file.",
        Example(
            "schema-service.toml exists and is no feed of reviews",
            "name another file, or remove that one; it was not changed",
        ),
    ),
    ProblemCode(
        "state-not-shared",
        "Workers of two machines can't share a state database that is a file.",
        Example(
            "the state database is a SQLite file, and build-7 works on it: its locks hold on one machine only",
            'share a state database in Postgres: [state] url = "postgresql://user@host/database" on each '
            "machine; where that one was just stopped, wait 15 s and run this again",
        ),
    ),
    ProblemCode(
        "token-exists",
        "A token's name is taken, also by one that was revoked: the log of writes names tokens.",
        Example(
            "there is a token called ci-main already, or there was one",
            "choose another name; `schema-service token list` shows all",
        ),
    ),
    ProblemCode(
        "token-invalid",
        "A request to the API writes with a token that isn't valid.",
        Example(
            "this token is unknown, expired or revoked",
            "`schema-service token list`, on the server, shows which are valid; create another one",
        ),
    ),
    ProblemCode(
        "token-missing",
        "A request to the API needs a token and has none.",
        Example(
            "this needs a token",
            "send the header: Authorization: Bearer TOKEN; on the server, a token is made by: "
            "schema-service token create NAME --scope migrate",
        ),
    ),
    ProblemCode(
        "token-scope",
        "A request to the API writes with a token whose scope doesn't permit it.",
        Example(
            "the token reader has the scope read, and this needs migrate",
            "use another one: schema-service token create NAME --scope migrate",
        ),
    ),
    ProblemCode(
        "unknown-delivery",
        "`deliveries` was given an id that no announcement has.",
        Example("there is no delivery 'msg_1'", "schema-service deliveries lists them"),
    ),
    ProblemCode(
        "unknown-state",
        "The scripts so far end in a state that Prisma has no words for, so `migration new` can't write what is missing.",
        Example(
            "001_init ends in a state that schema.prisma has no words for, so the difference can't be written: "
            'table "_ATagToPost": the primary key is none, schema.prisma asks for (A, B)',
            "write it by hand, in scripts that --empty adds; or write the schema after that migration to "
            "schemas/1.0.0/migrations/001_init/schema.prisma",
        ),
    ),
)
