"""The codes of the runner's problems: what each means, with examples.

They are not in ``runner/`` itself, which every migrations package contains and which needs none of this.
"""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_CONTINUE = "run this again; what was committed is recorded"

RUNNER_CODES: Final = (
    ProblemCode(
        "ahead",
        "The database is at a later version, which doesn't declare that this package works on it.",
        Example(
            "the database is ahead of this package (1.0.0), at 2.0.0, which does not declare itself "
            "compatible with it: 005_prices and 006_monitoring are applied",
            "install schema-migrations of version 2.0.0, or of a later one that contains it",
        ),
        Example(
            "the database is ahead of this package (1.0.0): 2.0.0 of the package has begun with 005_prices and "
            "not finished",
            "install schema-migrations of version 2.0.0, then run retry, or downgrade to go back",
        ),
        Example(
            "the last run was going to 2.0.0, which this package (1.0.0) doesn't know",
            "install schema-migrations of version 2.0.0, then run retry; or stay, with: upgrade",
        ),
        Example(
            "the database is at 2.0.0, which this package (1.0.0) doesn't know",
            "install schema-migrations of version 2.0.0, or of a later one that contains it",
        ),
        Example(
            "the database is at 2.0.0, which does not declare itself compatible with 1.0.0",
            "deploy the version of this service that was built for 2.0.0",
        ),
    ),
    ProblemCode(
        "already-tracked",
        "`baseline` is for databases that the runner doesn't track yet.",
        Example(
            "this database is tracked already, at 1.0.0",
            "run status to see its state, and upgrade or downgrade to change it",
        ),
    ),
    ProblemCode(
        "below-target",
        "`downgrade` was asked for a version above the database's.",
        Example("the database is at 1.0.0, below 2.0.0", "to go forward, run: upgrade --to 2.0.0"),
        Example(
            "the database is at 1.1.2 and lacks 003_accounts of 2.0.0; nothing was changed",
            "to go forward, run: upgrade --to 2.0.0",
        ),
    ),
    ProblemCode(
        "beyond-target",
        "`upgrade` was asked for a version below the database's.",
        Example(
            "the database is past 1.0.0: 003_competitors is already applied",
            "to go back, run: downgrade --to 1.0.0",
        ),
    ),
    ProblemCode(
        "commit-unknown",
        "The connection was lost while a step was committed. The next run finds out whether it was.",
        Example(
            "the connection broke between COMMIT and its answer",
            "run this again: the journal tells whether the step was committed",
        ),
    ),
    ProblemCode(
        "connection-refused",
        "The server answers, and doesn't let this role into this database. Waiting would not help.",
        Example(
            'the database refuses this connection: password authentication failed for user "app"',
            "check the role, its password, the database's name, and what the address says of TLS",
        ),
        Example(
            "the database refuses this connection: connection failed: connection to server at "
            '"10.0.0.5", port 5432 failed: server does not support SSL, but SSL was required',
            "check the role, its password, the database's name, and what the address says of TLS",
        ),
    ),
    ProblemCode(
        "damaged",
        "A file of the installed migrations package can't be read.",
        Example(
            "/app/schema_migrations/manifest.json is damaged, or made for another runner (KeyError: 'steps')",
            "install the package again",
        ),
    ),
    ProblemCode(
        "data-loss",
        "Going back would delete data. The lines below the message list it, with row counts.",
        Example(
            "the downgrade would destroy data; nothing was changed",
            "back it up if it is needed, then run this again with --allow-data-loss",
        ),
    ),
    ProblemCode(
        "database-away",
        "The database can't be reached, or is starting. Safe to run again.",
        Example(
            "the database could not be reached for 60 s: Connection refused",
            "check that it is running and that its address is right, then run this again",
        ),
    ),
    ProblemCode(
        "database-lost",
        "The database ended the connection during a run. Safe to run again.",
        Example(
            "the database ended the connection: terminating connection due to administrator command",
            _CONTINUE,
        ),
        Example(
            "003_competitors was interrupted by the database: "
            "terminating connection due to administrator command",
            _CONTINUE,
        ),
    ),
    ProblemCode(
        "depended-on",
        "A view, a rule, a foreign key or something else that no migration of this package has made depends on what a "
        "migration drops or gives another type, so that Postgres would refuse the statement. The lines below the "
        "message name it, with its schema and its owner.",
        Example(
            "something that these migrations don't know depends on what they drop or give another type; "
            "nothing was changed",
            "drop what is listed, or change it so that it doesn't need this, then run this again; views can be made "
            "again afterwards",
        ),
    ),
    ProblemCode(
        "draft",
        "The package is that of a draft, whose migrations may still change, and nobody has allowed it to run here.",
        Example(
            "schema-migrations 2.1.0.dev3 is a draft: its migrations may still change, and a database that ran "
            "them may not get from them to the final ones",
            "on a database that can be made anew, run this again with --allow-draft "
            "(Options(allow_draft=True) from Python); elsewhere install a published version",
        ),
    ),
    ProblemCode(
        "draft-differs",
        "The database ran a draft, and the package has other migrations than that had: there is no way from "
        "what the draft made to what the final version makes.",
        Example(
            "this database ran the draft 2.1.0-dev.3, whose migrations are not those of 2.1.0: 007_ratings",
            "install schema-migrations==2.1.0.dev3 and go back with it: downgrade --to 2.0.0 --allow-draft; "
            "then upgrade with this package. Or make the database anew",
        ),
    ),
    ProblemCode(
        "edited",
        "A migration in this package is not the one that ran on the database.",
        Example(
            "002_reviews was edited after use on this database",
            "install the package that ran it, and make the change in a new migration",
        ),
        Example(
            "the database is at 2.0.0, with other migrations than this package's",
            "install the package of 2.0.0 that was published and ran there",
        ),
    ),
    ProblemCode(
        "empty",
        "`verify` has nothing to compare.",
        Example(
            "this schema was never migrated on this database, so there is nothing to verify",
            "run upgrade, or baseline for a database that was created by other means",
        ),
        Example(
            "this schema was never migrated on this database, so there is nothing to resolve",
            "run baseline, which records the version of a database that was created by other means",
        ),
    ),
    ProblemCode(
        "half-applied",
        "A script stopped between two of its steps, and the scripts don't tell what undoes those that are done.",
        Example(
            "003_competitors is half applied (2 of the 5 steps of its up.sql are done), and this package does not "
            "know what undoes them",
            "run upgrade until it succeeds (if need be with a package in which the rest of the script is "
            "corrected), or bring the database to a version by other means and record that with: resolve --to "
            "VERSION",
        ),
    ),
    ProblemCode(
        "half-undone",
        "Another version of the package has begun to undo the steps of a script that stopped.",
        Example(
            "003_competitors is half applied (2 of the 5 steps of its up.sql are done), and another package than "
            "this one has begun to undo them",
            "install 2.0.0 of the package, which began, and run the same command with it",
        ),
    ),
    ProblemCode(
        "in-use",
        "Going back would fail on rows that exist. The lines below the message list them.",
        Example(
            "the older version can't hold data that is in use; nothing was changed",
            "change or remove these rows first, then run this again",
        ),
    ),
    ProblemCode(
        "index-differs",
        "An index that a migration drops, renames or makes a constraint of is not the one that the version of the "
        "database has by its rehearsal. The lines below the message give both definitions.",
        Example(
            "indexes that these migrations use are not as they were rehearsed; nothing was changed",
            "rename those that are there (ALTER INDEX … RENAME TO …), or drop them; make them as they were "
            "rehearsed; then run this again",
        ),
    ),
    ProblemCode(
        "lock-lost",
        "The connection that keeps other runners out was closed during a run. Safe to run again.",
        Example("the connection that held the migration lock was closed", _CONTINUE),
    ),
    ProblemCode(
        "locked",
        "Another runner is migrating the same database.",
        Example(
            "another runner has held the lock for 300 s",
            "run this again when it has finished; `status` shows how far it is",
        ),
    ),
    ProblemCode(
        "locks",
        "A step needs a lock on a table that other sessions kept all the time, or waits for their transactions.",
        Example(
            "003_competitors: other sessions held its locks for 120 s "
            "(canceling statement due to lock timeout); it was last seen waiting for process 4711 (reports, role "
            "analyst), whose transaction is 1840 s old",
            "run this again when long transactions on its tables have ended, or with a longer --retry",
        ),
    ),
    ProblemCode(
        "loss-unknown",
        "Whether going back would delete data can't be determined: a check failed. The lines below the message "
        "name what it is about, with the reason.",
        Example(
            "whether the downgrade would destroy data can't be determined; nothing was changed",
            "check this data, back it up if it is needed, then run this again with --allow-data-loss",
        ),
    ),
    ProblemCode(
        "made-by-prisma",
        "`upgrade`: Prisma Migrate has made the database, and nobody has recorded its version yet.",
        Example(
            "Prisma Migrate has made this database (3 migrations applied), and this package has recorded nothing "
            'here: public."User" exist already; nothing was changed',
            "run baseline, which finds out the version that it is at and records it; then run upgrade again",
        ),
    ),
    ProblemCode(
        "migration-failed",
        "Postgres refused a statement of a migration, on a database or in a rehearsal.",
        Example(
            '003_competitors failed at 003_competitors/up.sql:7:1: column "sku" contains null values',
            "2 of 5 steps are done and stay: correct the data, or install a package in which the rest is "
            "corrected, and run upgrade again, which goes on; or undo these steps with: downgrade --to 1.0.0",
        ),
        Example(
            '003_competitors fails: relation "Produkt" does not exist',
            "correct the statement, then run the check again",
            "schemas/1.1.0/migrations/003_competitors/up.sql:7:1",
        ),
        Example(
            "the downgrade is refused: 003_competitors: 3 rows of Role have the value GUEST",
            "let down.sql give these rows values that the older version can hold",
            "schemas/1.1.0/migrations/003_competitors/down.sql",
        ),
    ),
    ProblemCode(
        "name-taken",
        "The database has something under a name that a migration gives to what it makes: of an index that may be "
        "there, one with another definition. The lines below the message list it.",
        Example(
            "something already has a name that the newer version creates; nothing was changed",
            "rename or drop it first, then run this again; for a database made by other means, run baseline",
        ),
    ),
    ProblemCode(
        "no-address",
        "The database's address can't be parsed, or asks for what no package can do. The message never repeats "
        "what may be a secret.",
        Example(
            "the database's address can't be used: the connection string is malformed",
            "in a URL's user and password, write @ / : ? # % and spaces percent-encoded, as %40 for @",
        ),
        Example(
            "the database's address can't be used: it has an option that this version of libpq does not know",
            "leave the option out, or install a newer psycopg",
        ),
    ),
    ProblemCode(
        "no-database",
        "The runner was not told which database to migrate.",
        Example(
            "no database is given: the environment variable DATABASE_URL is not set",
            "set it to postgresql://role:password@host:port/database, or set libpq's PGHOST, PGDATABASE, …",
        ),
    ),
    ProblemCode(
        "no-match",
        "`baseline` compared the database with the version, and they differ. The differences are listed.",
        Example(
            "the database does not match 1.0.0: 2 differences; nothing was recorded",
            "make the database match, or give the version that it is at with --to",
        ),
        Example(
            "the database does not match 2.0.0: 2 differences; nothing was recorded",
            "make the database match, then run resolve again",
        ),
    ),
    ProblemCode(
        "no-record",
        "The package was built without a rehearsal of the version that the database is at.",
        Example(
            "this package has no record of what a database at 1.0.0 consists of",
            "publish the version with a rehearsal, and install that package",
        ),
    ),
    ProblemCode(
        "no-way-back",
        "A migration to undo has no down.sql.",
        Example(
            "no down.sql was written for 003_competitors; nothing was changed",
            "write a new version that undoes it, or restore a backup",
        ),
    ),
    ProblemCode(
        "not-there-yet",
        "`wait` ended before the database reached the version.",
        Example(
            "the database is at 1.0.0, and has not reached 2.0.0 in 300 s",
            "check the run that should bring it there (status, history), then run this again",
        ),
    ),
    ProblemCode(
        "nothing-failed",
        "`retry` found no failed run.",
        Example(
            "the last run succeeded: the database is at 2.0.0", "run upgrade or downgrade to change that"
        ),
    ),
    ProblemCode(
        "orphan",
        "A killed run left a statement behind that this role may not end.",
        Example(
            "a statement of an earlier, killed run is still running and can't be ended",
            "end it with a role that may do so (pg_terminate_backend), then run this again",
        ),
    ),
    ProblemCode(
        "other-line",
        "The database is at a maintenance version that this package doesn't contain, or at a later version that "
        "doesn't contain this package's.",
        Example(
            "2.0.0 doesn't contain 1.1.1's migration 006_fix; nothing was changed",
            "install shop-migrations of a later version, one that takes 1.1.1 over",
        ),
        Example(
            "the database is at 2.0.1 and has never been at 1.1.1: it lacks 006_fix; nothing was changed",
            "downgrade to a version of the line that the database came from",
        ),
        Example(
            "the database is at 1.1.1, which 2.0.0 doesn't contain",
            "wait with shop-migrations of a later version, one that takes 1.1.1 over",
        ),
        Example(
            "the database is at 1.2.0, which doesn't contain 1.1.1",
            "deploy the version of this service that was built for 1.2.0",
        ),
    ),
    ProblemCode(
        "other-schema",
        "A session's search_path, which the address's options, `PGOPTIONS`, the role or the database has set, "
        "leads to another Postgres schema than the URL: its `schema`, or public. Clients would find other "
        "tables than the runner; they refuse it, too.",
        Example(
            'the session\'s search_path leads to the schema "acme", and the URL names none, which means "public"',
            "name the one that is meant in the URL: schema=acme or schema=public",
        ),
    ),
    ProblemCode(
        "out-of-order",
        "A migration is missing on the database though a later one is applied.",
        Example(
            "002_reviews is not applied, though 003_competitors, which follows, is",
            "give the new migration a number after the last one that was published",
        ),
    ),
    ProblemCode(
        "pooled",
        "A step has to run outside a transaction with its own settings, which a transaction pooler loses.",
        Example(
            "a statement that can't run in a transaction depends on settings (its script's own, or a "
            "search path other than public) that a transaction pooler doesn't keep",
            "use the database's own address instead of the pooler's for this run",
        ),
    ),
    ProblemCode(
        "prisma-edited",
        "`baseline`: Prisma Migrate ran scripts on the database that differ from this package's.",
        Example(
            "Prisma Migrate has run other scripts on this database than this package's, and between versions "
            "nothing else shows what the database consists of: 20250131120000_init",
            "bring the database to a complete version with Prisma first (`prisma migrate deploy`), "
            "then run baseline again",
        ),
    ),
    ProblemCode(
        "prisma-empty",
        "`baseline`: Prisma Migrate's table is there and empty, so it doesn't tell the version.",
        Example(
            "Prisma Migrate's table is here and empty, so it does not tell this database's version; nothing was "
            "recorded",
            "give the version that the database is at with --to; if it is empty, run upgrade",
        ),
    ),
    ProblemCode(
        "prisma-history",
        "`baseline`: the history that Prisma Migrate recorded is not that of this package.",
        Example(
            "Prisma Migrate has applied migrations that are not this package's, in this order: "
            "20250131120000_init",
            "import the project in the state that this database is in, or give its version with --to",
        ),
    ),
    ProblemCode(
        "prisma-unfinished",
        "`baseline`: a migration of Prisma Migrate failed half-way on the database.",
        Example(
            "Prisma Migrate has started and not finished 20250131120000_init on this database",
            "finish or undo it with Prisma (`prisma migrate resolve`), then run baseline again",
        ),
    ),
    ProblemCode(
        "privilege",
        "The role lacks rights, found out before anything was changed.",
        Example(
            "the role that logged in lacks rights that these migrations need: CREATE on the schema public, "
            "ownership of the type kind; nothing was changed",
            "use the role that owns the database, or give this one what is missing "
            "(privileges with GRANT, ownership with GRANT of the owner's role, BYPASSRLS with ALTER ROLE); "
            "what needs a superuser, one can do before",
        ),
    ),
    ProblemCode(
        "rows-do-not-fit",
        "An upgrade would fail on rows that exist. The lines below the message list them, with a few keys.",
        Example(
            "rows that are there don't fit the newer version; nothing was changed",
            "change or remove these rows first, then run this again",
        ),
    ),
    ProblemCode(
        "schema-in-url",
        "The URL names a Postgres schema, and each model of this schema names its own.",
        Example(
            "schema=other moves nothing: each model names its Postgres schema itself (@@schema)",
            "leave schema out of the URL",
        ),
    ),
    ProblemCode(
        "standby",
        "The address leads to a replica, which can't be migrated.",
        Example(
            "this database is a read-only standby",
            "give the address of the primary (libpq: target_session_attrs=read-write)",
        ),
    ),
    ProblemCode(
        "statement-cancelled",
        "Somebody has cancelled what the runner asks of the database, or others held a lock for too long. Safe "
        "to run again.",
        Example(
            "the database has cancelled a statement of this command: canceling statement due to user request",
            _CONTINUE,
        ),
    ),
    ProblemCode(
        "stopped",
        "A signal ended the runner. The step that was running is rolled back.",
        Example(
            "stopped by SIGTERM; the running step was rolled back, and the steps before it stay",
            "run this again, or go the other way",
        ),
        Example("stopped by SIGTERM; no step had begun", "run this again"),
    ),
    ProblemCode(
        "timeout-too-short",
        "A timeout that is set for the role, for the database, in the server's configuration or in the address "
        "ends what the runner asks before and after the steps. The steps themselves run without such timeouts.",
        Example(
            "the statement_timeout of 1 ms, which is set for the role app, has ended what this command asks: "
            "canceling statement due to statement timeout",
            'let this role have none here: ALTER ROLE "app" IN DATABASE "shop" SET statement_timeout = 0',
        ),
        Example(
            "the lock_timeout of 10 ms, which is set in the options of its address, has ended what this command "
            "asks: canceling statement due to lock timeout",
            "leave it out of the options there, or set it to 0",
        ),
    ),
    ProblemCode(
        "tracking-refused",
        "The role may not create or write the runner's own tables.",
        Example(
            "the database does not let this role keep track of migrations: "
            "permission denied for database shop",
            "use the role that owns the database, or grant this one what the message names",
        ),
    ),
    ProblemCode(
        "unfinished",
        "`verify` only compares whole versions. The fix names the commands that lead to one.",
        Example(
            "the database is between versions: 003_competitors",
            "bring it to a version, then verify",
        ),
    ),
    ProblemCode(
        "unknown-migrations",
        "Migrations are recorded on the database that this package doesn't contain.",
        Example(
            "004_hotfix is applied to this database, and not in this package",
            "install the package that ran them; published migrations can't be removed or renamed",
        ),
    ),
)
