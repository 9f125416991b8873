"""The codes of this room's problems, but for the runner's: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_UP = "schemas/1.1.0/migrations/003_reviews/up.sql"
_DOWN = "schemas/1.1.0/migrations/003_reviews/down.sql"
_VERSION_TOML = "schemas/1.1.0/version.toml"
_SCHEMA = "schemas/1.1.0/schema.prisma"


def _rule(code: str, meaning: str, message: str, fix: str) -> ProblemCode:
    """A finding of squawk; its own words are the message."""
    accept = f"; or accept it with the line above: -- squawk-ignore {code}"
    return ProblemCode(code, meaning, Example(message, fix + accept, f"{_UP}:3:1"))


_RULES = (
    _rule(
        "adding-field-with-default",
        "A new column has a default that rewrites the whole table.",
        "Adding a generated column requires a table rewrite with an `ACCESS EXCLUSIVE` lock. …",
        "add the column as nullable, SET DEFAULT, and fill it in batches",
    ),
    _rule(
        "adding-not-nullable-field",
        "SET NOT NULL reads the whole table under a lock that blocks everybody.",
        "Setting a column `NOT NULL` blocks reads while the table is scanned.",
        "add CHECK (column IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, then SET NOT NULL, "
        "and drop the check",
    ),
    _rule(
        "adding-serial-primary-key-field",
        "A primary key is added whose index is built under a lock.",
        "Adding a primary key constraint requires an `ACCESS EXCLUSIVE` lock …",
        "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX",
    ),
    _rule(
        "ban-alter-domain-with-add-constraint",
        "A constraint is added to a domain, which checks every table that uses it.",
        "Domains with constraints have poor support for online migrations. …",
        "add a CHECK to the column instead, NOT VALID, and validate it",
    ),
    _rule(
        "ban-drop-database",
        "A migration would drop a database.",
        "Dropping a database may break existing clients.",
        "leave databases to whoever runs them",
    ),
    _rule(
        "changing-column-type",
        "A change of a column's type rewrites the whole table under a lock.",
        "Changing a column type requires an `ACCESS EXCLUSIVE` lock on the table …",
        "add a column of the new type, fill it in batches, and drop the old one in the next version",
    ),
    _rule(
        "constraint-missing-not-valid",
        "A new constraint reads the whole table while writers wait.",
        "By default new constraints require a table scan and block writes to the table …",
        "add it as NOT VALID, and ALTER TABLE … VALIDATE CONSTRAINT in a statement after that",
    ),
    _rule(
        "disallowed-unique-constraint",
        "A unique constraint is added whose index is built under a lock.",
        "Adding a `UNIQUE` constraint requires an `ACCESS EXCLUSIVE` lock …",
        "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX",
    ),
    _rule(
        "prefer-repack",
        "VACUUM FULL or CLUSTER copies a whole table under a lock.",
        "`VACUUM FULL` and `CLUSTER` acquire an `ACCESS EXCLUSIVE` lock …",
        "leave it out: VACUUM FULL and CLUSTER lock the whole table while they copy it",
    ),
    _rule(
        "require-concurrent-index-creation",
        "An index is built while writers wait.",
        "During normal index creation, table updates are blocked, but reads are still allowed.",
        "write CREATE INDEX CONCURRENTLY",
    ),
    _rule(
        "require-concurrent-index-deletion",
        "An index is dropped under a lock that blocks everybody.",
        "A normal `DROP INDEX` acquires an `ACCESS EXCLUSIVE` lock on the table …",
        "write DROP INDEX CONCURRENTLY",
    ),
    _rule(
        "require-concurrent-partition-detach",
        "A partition is detached under a lock that blocks everybody.",
        "Detaching a partition requires an `ACCESS EXCLUSIVE` lock …",
        "write DETACH PARTITION … CONCURRENTLY",
    ),
    _rule(
        "require-concurrent-reindex",
        "An index is rebuilt while readers and writers wait.",
        "Reindexing a table or index without `concurrently` blocks reads and writes.",
        "write REINDEX … CONCURRENTLY",
    ),
)

MIGRATIONS_CODES: Final = (
    *_RULES,
    ProblemCode(
        "backfill-missing",
        "Existing rows need a value that only the author of the change can know.",
        Example(
            "User.handle is new and required: what do existing rows get?",
            'answer in schemas/1.1.0/version.toml: [backfill]  "User.handle" = "" '
            'or [backfill]  "User.handle" = { rows = "none" }',
            _VERSION_TOML,
        ),
    ),
    ProblemCode(
        "backfill-statement",
        "A statement marked as a backfill can't be run in batches.",
        Example(
            "only a plain UPDATE, without WITH, FROM or RETURNING, can be run in batches",
            "use a subquery instead of FROM, or remove the line -- schema-service: backfill",
            f"{_UP}:4:1",
        ),
    ),
    ProblemCode(
        "concurrently-on-partitions",
        "A statement makes or drops an index of a partitioned table CONCURRENTLY, which Postgres refuses.",
        Example(
            "Postgres refuses CONCURRENTLY for an index over all partitions of a table",
            "leave out CONCURRENTLY (writers wait until it is built); or, for a big table, CREATE INDEX … ON ONLY the table, CREATE INDEX CONCURRENTLY on each partition, and ALTER INDEX … ATTACH PARTITION for each",
            f"{_UP}:3:1",
        ),
        Example(
            "Postgres refuses CONCURRENTLY for an index over all partitions of a table",
            "leave out CONCURRENTLY: it goes from all partitions at once",
            f"{_DOWN}:2:1",
        ),
    ),
    ProblemCode(
        "constraint-name",
        "An index or a foreign key is the expected one, with another name than Prisma would give it.",
        Example(
            'table "Review": index on ("sku") is called "review_sku"; Prisma would call it "Review_sku_idx"',
            'nothing depends on it; to follow, rename it in a migration, or write map: "review_sku"',
            severity="warning",
        ),
    ),
    ProblemCode(
        "default-loses-digits",
        "A default has more digits than new rows get: of seconds Prisma writes three into the table's definition, and a "
        "column rounds to those that it keeps. Packages that describe the schema show the default as it is written.",
        Example(
            "rows get another value than the default of field 'at': Prisma writes 3 digits after the seconds",
            "write the value that rows are to have; @default(dbgenerated(\"'…'\")) keeps six digits after the seconds",
            f"{_SCHEMA}:14:26",
        ),
    ),
    ProblemCode(
        "default-without-offset",
        "The default of a time has an offset, and its column has no zone: Postgres reads the time of day and leaves out "
        "the offset, while Prisma keeps UTC in such columns.",
        Example(
            "field 'at' has no zone: Postgres leaves out the offset of its default",
            'write it in UTC, as "2026-05-05T22:00:00Z", or give the field the type @db.Timestamptz',
            f"{_SCHEMA}:14:26",
        ),
    ),
    ProblemCode(
        "drift",
        "The rehearsed migrations don't end in the database that schema.prisma describes.",
        Example(
            'after all migrations table "Review": column "stars" has the type integer, '
            "schema.prisma asks for bigint",
            "change it in a migration of this version, or change schema.prisma",
        ),
        Example(
            'after all migrations table "User": index on (name gin_trgm_ops) USING gin "User_name_trgm" is not '
            "in schema.prisma",
            "drop it in a migration of this version, add it to schema.prisma, or keep it in SQL only: "
            '[sql_only]  "index public.User_name_trgm" = "why" in version.toml',
        ),
        Example(
            'after all migrations table "Post": foreign key "Post_authorId_fkey" is missing: FOREIGN KEY ("authorId") '
            'REFERENCES public."User"(id) ON UPDATE CASCADE ON DELETE CASCADE',
            "let `migration new` add it, take it out of schema.prisma, or leave it to SQL, which does without: "
            '[sql_only]  "foreign key public.Post.Post_authorId_fkey" = "why" in version.toml',
        ),
    ),
    ProblemCode(
        "enum-label",
        "Postgres can't have an enum's value under its name: it is another value's, or longer than 63 bytes.",
        Example(
            "values 'B' and 'A' are both 'x' in the database",
            "write another name in @map, and rename the value in the database with a migration",
            f"{_SCHEMA}:14:3",
        ),
        Example(
            "a value's name in the database has at most 63 bytes, 'a label of more than sixty-three bytes …' has more",
            "write another name in @map, and rename the value in the database with a migration",
            f"{_SCHEMA}:15:3",
        ),
    ),
    ProblemCode(
        "extension-not-offered",
        "A migration creates an extension that the Postgres to rehearse on doesn't have. The embedded one has those of "
        "Postgres' contrib that need no other language, and vector.",
        Example(
            "the embedded Postgres has no extension 'postgis', which 002_add_places creates",
            "rehearse on a server that has it: set [rehearsal] url_env in schema-service.toml to the name of an "
            "environment variable, and that variable to the server's URL",
            "schemas/1.0.0/migrations/002_add_places/up.sql:1:1",
        ),
    ),
    ProblemCode(
        "fails-at-limits",
        "A migration works with ordinary rows, and fails with the largest or smallest values of a type.",
        Example(
            "with values at the limits of their types, 003_reviews fails: integer out of range",
            "it works with ordinary values: make sure there are no others, or let the migration convert them",
            f"{_UP}:4:1",
            "warning",
        ),
    ),
    ProblemCode(
        "ignored-argument",
        "Prisma's parser takes an argument and nothing reads it, so that no database would have what it says.",
        Example(
            "Prisma takes no notice of nulls: First in a(…): no database would have it",
            "remove it, and write an index that Prisma has no words for in a migration",
            f"{_SCHEMA}:9:14",
        ),
        Example(
            'Prisma takes no notice of map: "x" in @relation(…): no database would have it',
            "remove it, and write an index that Prisma has no words for in a migration",
            f"{_SCHEMA}:10:29",
        ),
    ),
    ProblemCode(
        "line-fails",
        "A version takes over a maintenance line, and a migration fails on databases that come from there.",
        Example(
            "going from 1.1.1 to 2.0.1, the upgrade is refused: 005_big: index public.i is there already",
            "it is published and can't be changed: in [takes] of schemas/2.0.1/version.toml, give the migrations of "
            "1.1.1 another answer, or leave that line out",
            "schemas/2.0.1/version.toml",
        ),
    ),
    ProblemCode(
        "loss-not-accepted",
        "A script takes data away, and version.toml doesn't say that this is wanted.",
        Example(
            "Product.price is dropped with all its values: may it be lost?",
            'answer in schemas/1.1.0/version.toml: [accept_loss]  "Product.price" = "why it may be lost"',
            f"{_UP}:2:1",
        ),
    ),
    ProblemCode(
        "may-refuse",
        "A statement marked with may-refuse failed on seeded rows, as its script says it may.",
        Example(
            '003_reviews fails: column "sku" contains null values, as it is marked to; '
            'rehearsed without the rows in "Review" that it refuses',
            "make sure that no database has such rows: the migration would fail there and change nothing",
            f"{_UP}:4:1",
            "warning",
        ),
    ),
    ProblemCode(
        "missing-migration",
        "A version's schema has changed, and none of its migrations makes the change.",
        Example(
            'the schema has changed, and no migration makes the change: table "Review", column "Product".sku',
            "write it: schema-service migration new NAME 1.1.0",
            "schemas/1.1.0/schema.prisma",
        ),
    ),
    ProblemCode(
        "migration-copy",
        "A script uses COPY with data from a client, which a migration doesn't have.",
        Example(
            "COPY … FROM STDIN or TO STDOUT can't be used in a migration, which has no client",
            "write the rows as INSERT … VALUES",
            f"{_UP}:4:1",
        ),
    ),
    ProblemCode(
        "migration-fails-with-rows",
        "A migration works on an empty database, and fails on one with rows.",
        Example(
            'with rows of 1.0.0 in table Review, 003_reviews fails: column "sku" contains null values',
            "it works on an empty database: let the script handle rows that already exist",
            f"{_UP}:4:1",
        ),
    ),
    ProblemCode(
        "migration-rollback",
        "A script would end the transaction that the runner gives it.",
        Example(
            "a migration can't roll back or prepare its own transaction: the runner commits it as a whole",
            "remove the statement, and the statements that it would undo",
            f"{_UP}:9:1",
        ),
    ),
    ProblemCode(
        "migration-syntax",
        "Postgres' parser does not accept a script.",
        Example(
            'invalid SQL: syntax error at or near "TABEL"',
            "correct the statement; psql's own commands (\\connect, \\copy, …) can't be used in a migration",
            f"{_UP}:1:8",
        ),
    ),
    ProblemCode(
        "no-embedded-postgres",
        "The Postgres that comes with schema-service can't be started on this machine.",
        Example(
            "the embedded Postgres can't be started: port 5433 of 127.0.0.1 can't be used "
            "(Address already in use)",
            "fix that, or give the URL of a Postgres server where scratch databases can be created",
        ),
    ),
    ProblemCode(
        "no-linter",
        "The linter for migrations can't be run.",
        Example(
            "squawk, which checks migrations for statements that block, can't be run: it is not installed",
            "install schema-service again: the package squawk-cli is one of its dependencies",
        ),
    ),
    ProblemCode(
        "no-scratch-server",
        "The server that [rehearsal] names can't be used for scratch databases.",
        Example(
            "the role that logs in to postgresql://db.example/postgres may not create databases",
            "give it the right: ALTER ROLE … CREATEDB, or use another role",
        ),
    ),
    ProblemCode(
        "not-one-sql-part",
        "SQL in the schema is more, or less, than its place in a statement takes. Prisma copies it unread.",
        Example(
            '"1 1" is not one SQL expression',
            "write one expression, in parentheses where it has AND, OR, IS or COLLATE; what else the column needs, write in a migration",
            f"{_SCHEMA}:6:30",
        ),
        Example(
            '"int, b int" is not one type of Postgres',
            'write a type, such as Unsupported("tsvector"); what else the column needs, write in a migration',
            f"{_SCHEMA}:7:17",
        ),
        Example(
            '"a > 1) -- " is not one SQL condition',
            'write one condition, such as raw("deleted_at IS NULL")',
            f"{_SCHEMA}:8:28",
        ),
        Example(
            '"text_ops NULLS FIRST" is not the name of an operator class',
            'write a name, such as raw("gin_trgm_ops")',
            f"{_SCHEMA}:9:23",
        ),
    ),
    ProblemCode(
        "not-rehearsed-with-rows",
        "No row could be made for a table, so its migrations were only tried without.",
        Example(
            'table "Review" was rehearsed without rows: '
            "its required foreign keys form a cycle that no first row can enter",
            "nothing needs to be done, but its migrations were only tried on an empty table",
            severity="warning",
        ),
    ),
    ProblemCode(
        "rehearsal-*",
        "The rehearsal could not be carried out; the rest of the code is that of the runner's problem.",
        Example(
            "the database could not be reached for 60 s: Connection refused",
            "check that it is running and that its address is right, then run this again",
            code="rehearsal-database-away",
        ),
    ),
    ProblemCode(
        "nul-character",
        "A text of the schema has the character U+0000, which Postgres can't hold.",
        Example(
            "Postgres can't hold the character U+0000 in any text",
            "remove \\u0000: the rest of the text can be stored",
            f"{_SCHEMA}:6:21",
        ),
    ),
    ProblemCode(
        "relation-mode",
        'A warning: with relationMode = "prisma" the database has no foreign keys, and only the Node client does what onDelete and onUpdate say.',
        Example(
            'relationMode = "prisma" makes no foreign keys: onDelete and onUpdate are done by the Node client only, and rows that the Python client or SQL deletes leave others behind that refer to them',
            'write relationMode = "foreignKeys" (or remove the line), or delete such rows by hand',
            f"{_SCHEMA}:3:3",
        ),
    ),
    ProblemCode(
        "rename-or-drop",
        "Something was removed and something like it was added: only the author knows if it is the same.",
        Example(
            "Review.stars is removed and Review.rating added: was it renamed, or is it dropped with its data?",
            'answer in schemas/1.1.0/version.toml: [renames]  "Review.stars" = "Review.rating" '
            'or [accept_loss]  "Review.stars" = "why it may be lost"',
            _VERSION_TOML,
        ),
    ),
    ProblemCode(
        "loses-without-permission",
        "A value is not what it was after up and down, or down and up again, and nothing asks for permission.",
        Example(
            'going down from 1.1.0 and up again changes "Review"."rating", which no check of the downgrade '
            "finds: '4.5' becomes '4' in the row with id '1'",
            "let down.sql and up.sql convert every value back to what it was, or write the change so that it "
            "can be seen: a plain cast, an UPDATE, a DROP",
        ),
    ),
    ProblemCode(
        "downgrade-fails-with-rows",
        "A downgrade, or the upgrade after it, fails with rows that only the rehearsed version can have.",
        Example(
            "down from 1.1.0 with rows that were made there, and up again: 003_reviews fails: …",
            "a database with such rows can't be downgraded: should it be, let down.sql make their values fit",
            f"{_DOWN}:2:1",
        ),
    ),
    ProblemCode(
        "refused-without-need",
        "The checks of an upgrade or a downgrade refuse rows with which the script runs.",
        Example(
            'the downgrade is refused: 003_reviews: column "Review"."rating" (not all of it fits numeric(4, 1)): '
            "1 row",
            "down.sql itself runs with these rows: expect that the runner refuses it where they are",
            _DOWN,
        ),
    ),
    ProblemCode(
        "code-fails",
        "A trigger or function that worked before the upgrade names something that is no longer there.",
        Example(
            'after upgrading to 1.1.0, UPDATE of "Review" fails: record "new" has no field "stars" (PL/pgSQL '
            "function touch() line 1 at assignment)",
            "write the function anew in up.sql (CREATE OR REPLACE FUNCTION), and as it was in down.sql",
        ),
    ),
    ProblemCode(
        "stale-name",
        "The text of a function has the name of a table or column that the migrations rename or drop.",
        Example(
            'after upgrading to 1.1.0, function best() still names "stars", which is now "rating"',
            "write the function anew in up.sql (CREATE OR REPLACE FUNCTION), and as it was in down.sql; nothing "
            "needs to be done if it means something else",
        ),
    ),
    ProblemCode(
        "check-not-answered",
        "A check of a downgrade, which looks for what would be lost, fails.",
        Example(
            'a check of the downgrade fails: 003_reviews: rows of "Review" (DELETE): its rows can\'t be counted '
            "(function is_old(integer) does not exist)",
            "in production the downgrade will only run with --allow-data-loss; write its conditions so that "
            "they can be asked before the script runs",
        ),
    ),
    ProblemCode(
        "round-trip",
        "Up and down again, or up, down and up, does not end in the same database.",
        Example(
            "going down from 1.1.0 to 1.0.0 leaves behind: index Review_sku_idx CREATE INDEX …",
            "fix down.sql: it has to undo what up.sql did",
        ),
    ),
    ProblemCode(
        "schema-not-buildable",
        "schema.prisma uses an extension, a function or a sequence that no migration creates.",
        Example(
            "schema.prisma uses something that must be in the database beforehand: "
            'type "citext" does not exist',
            "create it in a migration (an extension, a function, a sequence) before the tables that use it",
        ),
    ),
    ProblemCode(
        "scratch-server-failed",
        "The server for scratch databases failed during a rehearsal.",
        Example(
            "the Postgres that the migrations are rehearsed on failed: "
            "server closed the connection unexpectedly",
            "check whether its disk is full or it was stopped, then run this again",
        ),
    ),
    ProblemCode(
        "server-ended",
        "A local server stopped while a command was using it.",
        Example(
            "the embedded Postgres stopped; the end of its log: "
            "PANIC: could not write to file: No space left on device",
            "fix the cause and run this again; the whole log is .schema-service/local/postgres/log",
        ),
        Example(
            "devpi exited with exit code 1; the end of its log:\nOSError: [Errno 28] No space left on device",
            "fix what the log names and run this again; "
            "the whole log is .schema-service/local/devpi/devpi.log",
        ),
    ),
    ProblemCode(
        "several-concurrent-drops",
        "One statement drops several indexes CONCURRENTLY, which Postgres refuses.",
        Example(
            "Postgres drops only one index CONCURRENTLY at a time",
            "write one DROP INDEX CONCURRENTLY statement for each index",
            f"{_UP}:4:1",
        ),
    ),
    ProblemCode(
        "sql-only-unknown",
        "[sql_only] in version.toml keeps something that isn't there, or that schema.prisma has.",
        Example(
            "[sql_only] names 'index public.User_nam_trgm', which is no difference between the migrations and "
            "schema.prisma",
            'remove the line, or write one of "index public.User_name_trgm"',
            "schemas/1.1.0/version.toml",
        ),
    ),
    ProblemCode(
        "too-many-columns",
        "A table, key or index has more columns than Postgres can give it: 1600, or 32 for a key or an index.",
        Example(
            "a table of Postgres has at most 1600 columns, and 'Wide' has 2000",
            "move the fields from 'f1600' on to another model, with a relation between the two, or keep them in one Json field",
            f"{_SCHEMA}:1606:3",
        ),
        Example(
            "a key or index of Postgres has at most 32 columns, this one has 40",
            "take the columns that tell most rows apart, or index a hash of them all in a migration",
            f"{_SCHEMA}:50:3",
        ),
    ),
    ProblemCode(
        "unknown-directive",
        "A comment begins like an instruction for schema-service, and isn't one.",
        Example(
            "unknown directive in the comment above: schema-service: backfil",
            "use -- schema-service: backfill above an UPDATE, "
            "or -- schema-service: may-refuse above a statement that may fail on some rows",
            f"{_UP}:4:1",
        ),
    ),
    ProblemCode(
        "unknown-enum-label",
        "A partial index compares an enum with a text that is none of its labels: Prisma writes the text as it is, and "
        "knows no name that @map replaces.",
        Example(
            "no value of Kind is called 'A' in the database",
            'write "a", as its database has it',
            f"{_SCHEMA}:14:26",
        ),
    ),
    ProblemCode(
        "unnamed-concurrent-index",
        "An index built CONCURRENTLY has no name, so that a broken one could not be found and rebuilt.",
        Example(
            "an index built CONCURRENTLY needs a name here: a failed build can only be found by its name",
            "write CREATE INDEX CONCURRENTLY <name> ON …",
            f"{_UP}:4:1",
        ),
    ),
)
