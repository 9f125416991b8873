"""The codes of this room's problems: what each means, with examples."""

from __future__ import annotations

from typing import Final

from .problem_code import Example, ProblemCode

_SCHEMA = "schemas/1.0.0/schema.prisma"
_PARTIALS = "schemas/1.0.0/partial_types.py"
_VERSION_TOML = "schemas/1.1.0/version.toml"
_RETRY = "run the command again; if it keeps failing, report it with the schema"

SCHEMAS_CODES: Final = (
    ProblemCode(
        "bad-migration-folder",
        "A folder under migrations/ is not named like a migration, so it would never run.",
        Example(
            "'add-prices' is not a valid name for a migration",
            "use three digits, an underscore and lower-case letters, digits and underscores: 007_add_prices",
            "schemas/1.0.0/migrations/add-prices",
        ),
    ),
    ProblemCode(
        "bad-migration-name",
        "`migration new` was given a name that can't be part of a folder's name.",
        Example(
            "'add prices' is not a valid name for a migration",
            "use up to 100 lower-case letters, digits and underscores, like add_prices",
        ),
    ),
    ProblemCode(
        "bad-partial-name",
        "A partial type has a name that no Python class can have.",
        Example(
            "'User-Name' is not a valid class name",
            "use letters (A to Z), digits and underscores, starting with a letter, like UserOnlyName",
            f"{_PARTIALS}:3:21",
        ),
    ),
    ProblemCode(
        "bad-workspace-name",
        "The name for a new workspace can't be part of package names.",
        Example(
            "'My Schema' can't be used in the names of Python and Node packages",
            "use up to 50 lower-case letters, digits and single hyphens, like billing",
        ),
    ),
    ProblemCode(
        "base-is-newer",
        "A draft can only start as a copy of an older version.",
        Example(
            "1.1.0 can't start from 2.0.0, which comes after it",
            "start from a version below 1.1.0, or choose a version above 2.0.0",
        ),
    ),
    ProblemCode(
        "base-on-another-line",
        "A draft can't be a copy of a version that the one before it doesn't contain: take that line over.",
        Example(
            "2.0.1 follows 2.0.0, which doesn't contain 1.1.1",
            "draft it after 2.0.0, and take over the line of 1.1.1: schema-service new 2.0.1 --takes 1.1.1",
        ),
    ),
    ProblemCode(
        "bridge-died",
        "The Node process that runs Prisma's engine ended during a request, for example for lack of memory.",
        Example(
            "the Node process of the Prisma engine ended during parse (FATAL ERROR: Reached heap limit Allocation failed)",
            _RETRY,
        ),
    ),
    ProblemCode(
        "bridge-protocol",
        "The Node process that runs Prisma's engine wrote something that is not an answer.",
        Example("the answer of the Prisma engine's process can't be read (Unexpected token)", _RETRY),
    ),
    ProblemCode(
        "bridge-timeout",
        "Prisma's engine took too long for a schema, and was stopped.",
        Example("the Prisma engine was stopped, since generate took over 60 s", _RETRY),
    ),
    ProblemCode(
        "compatible-from-later",
        "compatible_from declares a version that does not exist yet at this one.",
        Example(
            "compatible_from is 2.0.0, which is later than 1.1.0 itself",
            'give the oldest version whose packages work on a database at this one, or "none"',
            f"{_VERSION_TOML}:3:1",
        ),
    ),
    ProblemCode(
        "conflicting-arguments",
        "Arguments of create_partial contradict each other.",
        Example(
            "include and exclude can't both be given for 'UserOnlyName'",
            "keep one of them",
            f"{_PARTIALS}:3:21",
        ),
        Example("'name' can't be both required and optional", "keep one of them", f"{_PARTIALS}:3:60"),
    ),
    ProblemCode(
        "damaged-lock",
        "A release.lock is not what `publish` wrote. It seals the version, so nobody edits it.",
        Example(
            "schemas/1.0.0/release.lock was changed after `publish` wrote it",
            "restore it from version control; where two clones published the same, keep either file",
            "schemas/1.0.0/release.lock",
        ),
    ),
    ProblemCode(
        "database-name",
        "A name in the database is empty, or contains a character that Prisma's SQL does not escape.",
        Example(
            "a name in the database can't contain \": Prisma does not escape it in SQL",
            "rename it in the database with a migration, and write the new name here",
            f"{_SCHEMA}:6:9",
        ),
    ),
    ProblemCode(
        "datasource-address",
        "The schema contains the address of a database.",
        Example(
            "The datasource property `url` is no longer supported in schema files. …",
            "delete this line: a published schema carries no address; programs pass theirs when they connect",
            f"{_SCHEMA}:3:3",
        ),
    ),
    ProblemCode(
        "datasource-count",
        "The schema has more than one datasource.",
        Example(
            "Error validating datasource `other`: You defined more than one datasource. …",
            "keep the postgresql datasource and delete the other",
            f"{_SCHEMA}:4:1",
        ),
    ),
    ProblemCode(
        "datasource-missing",
        "The schema has no datasource, which every Prisma schema needs.",
        Example(
            "the schema has no datasource block, so its database is unknown",
            'add\n    datasource db {\n      provider = "postgresql"\n    }',
            f"{_SCHEMA}:1:1",
        ),
    ),
    ProblemCode(
        "datasource-provider",
        "The schema is not for PostgreSQL, the only database that packages are made for.",
        Example(
            'Datasource provider not known: "postgre".', 'write provider = "postgresql"', f"{_SCHEMA}:2:14"
        ),
        Example(
            "the schema is for mysql; packages are made for PostgreSQL only",
            'write provider = "postgresql" and check the native types (@db.…)',
            f"{_SCHEMA}:2:3",
        ),
        Example(
            "../app is for mysql; packages are made for PostgreSQL only",
            "give a project for PostgreSQL",
            "../app/prisma/schema.prisma",
        ),
    ),
    ProblemCode(
        "default-not-storable",
        "A column can't hold its own default, which most rows would get.",
        Example(
            "field 'stars' can't hold its default: 70000 is not between -32768 and 32767",
            "write a value that fits, or give the field a type that holds this one",
            f"{_SCHEMA}:6:18",
        ),
        Example(
            "field 'days' can't hold its default: now() is one value, not a list",
            "write a value that fits, or give the field a type that holds this one",
            f"{_SCHEMA}:7:27",
        ),
        Example(
            "Prisma can't read a default of more than 308 digits",
            "write a smaller number, or make the default in the database, with dbgenerated",
            f"{_SCHEMA}:8:21",
        ),
        Example(
            'Error parsing attribute "@default": Parse error: "1.5" is not a valid integer. (invalid digit found in string)',
            "write a value of the field's type",
            f"{_SCHEMA}:9:18",
        ),
    ),
    ProblemCode(
        "duplicate-migration-number",
        "Two migrations of the workspace have the same number.",
        Example(
            "003 is already used by 003_competitors of 1.1.0",
            "rename the folder to the next free number",
            "schemas/1.2.0/migrations/003_prices",
        ),
    ),
    ProblemCode(
        "duplicate-name",
        "The schema declares the same name twice.",
        Example(
            'The model "User" cannot be defined because a model with that name already exists.',
            "rename one of the two",
            f"{_SCHEMA}:7:7",
        ),
    ),
    ProblemCode(
        "duplicate-partial",
        "Two partial types have the same name.",
        Example(
            "the partial type 'UserOnlyName' is already declared in line 3",
            "give this one another name",
            f"{_PARTIALS}:5:21",
        ),
    ),
    ProblemCode(
        "edited-while-publishing",
        "Files of the version changed during `publish`. What was published is the state at its start.",
        Example(
            "2.0.0 was edited while it was being published",
            "restore schemas/2.0.0 to what was published, and put the change in a new version",
        ),
    ),
    ProblemCode(
        "empty-partial",
        "A partial type excludes every field of its model.",
        Example(
            "'UserNothing' keeps no field of User", "name at least one field to keep", f"{_PARTIALS}:3:21"
        ),
    ),
    ProblemCode(
        "endless-partial",
        "Required relations of partial types form a cycle, so that no row could ever be complete.",
        Example(
            "the required relations of 'UserWithPosts' form an endless cycle",
            "remove one of these relations from required",
            f"{_PARTIALS}:3:21",
        ),
    ),
    ProblemCode(
        "engine-failed",
        "Prisma's engine failed on a schema without saying what is wrong with it.",
        Example(
            "Prisma's engine could not format the schema: unreachable",
            "undo the schema's last change, or report it with the schema",
        ),
    ),
    ProblemCode(
        "engine-panic",
        "Prisma's engine crashed on a schema. This is a bug in the engine.",
        Example(
            "Prisma's engine panicked while it was asked to generate: index out of bounds",
            "undo the schema's last change or report it: this is a bug in the engine (it was restarted)",
        ),
    ),
    ProblemCode(
        "file-too-large",
        "A file of the workspace is larger than any schema or script should be.",
        Example(
            "schemas/1.0.0/migrations/001_init/up.sql has 20000000 bytes; at most 16777216 are read",
            "keep bulk data out of the schema and its migrations",
            "schemas/1.0.0/migrations/001_init/up.sql",
        ),
    ),
    ProblemCode(
        "folder-in-use",
        "A folder that a command needs for itself is used already: it contains files, or another process runs there.",
        Example("reviews is not empty", "choose another folder; nothing was changed"),
        Example(
            "another process is running devpi in .schema-service/local/devpi",
            "stop that one first (it may be `schema-service up` in another terminal)",
        ),
    ),
    ProblemCode(
        "history-provider",
        "The migrations of the Prisma project to import are for another database.",
        Example(
            "the migrations were written for 'mysql', not for PostgreSQL",
            "import only the schema: copy the file away from its migrations, and give that",
            "prisma/migrations/migration_lock.toml",
        ),
    ),
    ProblemCode(
        "invalid-backfill",
        "An entry of [backfill] in version.toml is not a value for existing rows.",
        Example(
            "[backfill] does not say what existing rows get for 'User.score'",
            'write a string, a number, true, false, a list of them, { sql = "…" } or { rows = "none" }',
            f"{_VERSION_TOML}:12:1",
        ),
    ),
    ProblemCode(
        "invalid-loss",
        "An entry of [accept_loss] in version.toml gives no reason.",
        Example(
            "[accept_loss] does not say why 'Product.price' may go",
            'write what may be lost and why, as in "Product.price" = "ProductPrice has it now"',
            f"{_VERSION_TOML}:8:1",
        ),
    ),
    ProblemCode(
        "invalid-rename",
        "An entry of [renames] in version.toml is not a pair of names.",
        Example(
            "[renames] does not say what 'Review.stars' is now called",
            'write the old and the new name, as in "Review.stars" = "Review.rating"',
            f"{_VERSION_TOML}:5:1",
        ),
    ),
    ProblemCode(
        "invalid-schema",
        "Prisma does not accept the schema, for a reason that no other code covers.",
        Example(
            'Error validating model "User": Each model must have at least one unique criteria …',
            "change the schema as the message says",
            f"{_SCHEMA}:4:1",
        ),
    ),
    ProblemCode(
        "invalid-sql-only",
        "An entry of [sql_only] in version.toml gives no reason.",
        Example(
            "[sql_only] does not say why 'index public.User_name_trgm' is not in schema.prisma",
            'write its kind, its name and why, as in "index public.User_name_trgm" = "searches by parts"',
            f"{_VERSION_TOML}:8:1",
        ),
    ),
    ProblemCode(
        "invalid-toml",
        "schema-service.toml or a version.toml is not TOML.",
        Example(
            "not valid TOML: Invalid value", "correct the line; strings need quotes", f"{_VERSION_TOML}:2:15"
        ),
        Example("the file is not UTF-8 text", "save the file as UTF-8", "schema-service.toml"),
    ),
    ProblemCode(
        "invalid-version",
        "A version is not one that both npm and Python accept.",
        Example("'2.0' is not a semantic version", "write three numbers, like 2.0.0"),
        Example("'last' is not a semantic version", "write three numbers, like 2.0.0, or latest"),
        Example(
            "'2.1.0-rc1' is not a Python version in its canonical form",
            "write it as in PEP 440, like 2.0.0 or 2.1.0rc1",
            "pyproject.toml",
        ),
    ),
    ProblemCode(
        "later-migrations",
        "A migration can't be added to a version when versions that contain it already have migrations.",
        Example(
            "2.0.0 already has migrations and contains 1.2.0: databases there would not run this",
            "add the migration to 2.0.0 or later; or make 1.2.0 a maintenance version: remove its folder, and "
            "draft it again with `schema-service new 1.2.0`",
        ),
        Example(
            "2.0.0 already has migrations and contains 1.2.0: databases there would not run this",
            "add the migration to a new version after 2.0.0; or make 1.2.0 a maintenance version: remove its "
            "folder, and draft it again with `schema-service new 1.2.0`",
            "schemas/1.2.0/migrations/003_prices",
        ),
    ),
    ProblemCode(
        "line-not-taken",
        "A version takes over another one that isn't there, or that it contains anyway.",
        Example(
            "2.0.1 can't take over 1.1.1: there is no such version below it",
            'remove [takes."1.1.1"], or name another version',
            "schemas/2.0.1/version.toml",
        ),
        Example(
            "2.0.2 can't take over 1.1.1: 2.0.1, which it follows, contains it",
            'remove [takes."1.1.1"], or name another version',
            "schemas/2.0.2/version.toml",
        ),
    ),
    ProblemCode(
        "line-unanswered",
        "A version takes over a maintenance line, and [takes] has no answer, or none that can be used, for one of "
        "its migrations.",
        Example(
            "2.0.1 takes over 1.1.1 and doesn't say what becomes of its migration 006_fix",
            'add 006_fix = "run" below [takes."1.1.1"]; or "contained", or the migration of 2.0.1 that stands in '
            "its place",
            "schemas/2.0.1/version.toml",
        ),
        Example(
            "'009_fix' is no migration that 2.0.1 takes over with 1.1.1",
            'remove it from [takes."1.1.1"]',
            "schemas/2.0.1/version.toml",
        ),
        Example(
            "'skip' says nothing about 006_fix: 2.0.1 has no migration of that name",
            'write "run", "contained" or the folder name of a migration of 2.0.1',
            "schemas/2.0.1/version.toml",
        ),
    ),
    ProblemCode(
        "line-without-base",
        "A maintenance version names a version that it follows, and that isn't there.",
        Example(
            "1.1.1 says that it follows 1.1.0, and there is no such version below it",
            "name the version whose maintenance line this is; get it from version control if it is missing",
            "schemas/1.1.1/version.toml",
        ),
    ),
    ProblemCode(
        "linked-private-folder",
        "The workspace's private folder, or something in it that is written, is a symbolic link.",
        Example(
            ".schema-service is a symbolic link, and schema-service removes and overwrites files there",
            "remove the link, and let schema-service make a folder or file of its own there; "
            "[state] url says where else the state database may be",
        ),
    ),
    ProblemCode(
        "linked-version",
        "A draft's folder is a symbolic link, or reached through one, so it is neither renamed nor deleted.",
        Example(
            "schemas/2.1.0 is reached through a symbolic link, so it may be in use elsewhere",
            "replace the link with the folder itself",
            "schemas/2.1.0",
        ),
    ),
    ProblemCode(
        "migration-out-of-line",
        "The numbers of migrations have a gap, or don't follow the order of the versions.",
        Example(
            "005_prices comes where 004 is expected",
            "number the migrations without gaps, in the order of the versions",
            "schemas/1.1.0/migrations/005_prices",
        ),
    ),
    ProblemCode(
        "migrations-reordered",
        "A draft can't get a number, or be deleted, that migrations of another version are numbered after.",
        Example(
            "2.1.0 can't become 1.2.0: 2.0.0 lies between and has migrations, and their numbers follow the order "
            "of the versions",
            "choose a number on the same side of 2.0.0, or draft 1.2.0 anew",
            "schemas/2.1.0",
        ),
        Example(
            "1.1.0 can't be deleted: the migrations of 2.0.0 are numbered after its own",
            "delete 2.0.0 first, or remove its migrations and write them again afterwards",
            "schemas/1.1.0",
        ),
    ),
    ProblemCode(
        "missing-file",
        "A file that a version needs does not exist.",
        Example(f"{_SCHEMA} does not exist", "create it, or restore it from version control", _SCHEMA),
    ),
    ProblemCode(
        "missing-migration-sql",
        "A migration of the Prisma project to import has no script.",
        Example(
            "the migration '20250131120000_init' has no migration.sql",
            "restore the file, or remove the folder if it was never applied",
            "prisma/migrations/20250131120000_init",
        ),
    ),
    ProblemCode(
        "missing-up-sql",
        "A migration's folder has no up.sql.",
        Example(
            "the migration has no up.sql",
            "write it, or remove the folder",
            "schemas/1.0.0/migrations/001_init",
        ),
    ),
    ProblemCode(
        "native-type",
        "A native type (@db.…) does not fit the field's type, or PostgreSQL doesn't have it.",
        Example(
            "Native type VarChar is not compatible with declared field type Int, expected field type String.",
            "use a native type that fits the field's type in PostgreSQL",
            f"{_SCHEMA}:5:14",
        ),
    ),
    ProblemCode(
        "no-prisma-schema",
        "`init --from-prisma` found no schema.",
        Example(
            "there is no Prisma schema in ../app or below it",
            "give the folder that contains it, or the file itself",
        ),
    ),
    ProblemCode(
        "no-workspace",
        "The command needs a workspace, and neither this folder nor one above it is one.",
        Example(
            "there is no schema-service.toml in /srv/reviews or above it",
            "run `schema-service init` to create a workspace, or change into one",
        ),
    ),
    ProblemCode(
        "not-a-table",
        "[takes] in version.toml is not a table of answers.",
        Example(
            "[takes.1.1.1] is not a table of answers",
            'write [takes."1.1.1"], and below it a line for each migration: 006_fix = "run"',
            "schemas/2.0.1/version.toml:4:1",
        ),
    ),
    ProblemCode(
        "not-a-text",
        "A key of version.toml has a value that is not a string.",
        Example("author is not a string", 'write author = "..."', f"{_VERSION_TOML}:2:1"),
    ),
    ProblemCode(
        "not-a-version",
        "A folder in schemas/ is not named like a version.",
        Example(
            "the folder name 'next' is not a version",
            "rename it to a version like 2.0.0 or 2.1.0-rc.1, or move it elsewhere",
            "schemas/next",
        ),
    ),
    ProblemCode(
        "not-in-postgres",
        "The schema uses an attribute or argument that Prisma has for other databases.",
        Example(
            'Error parsing attribute "@id": Defining clustering is not supported in the current connector.',
            "remove it: Prisma has it for other databases; write what PostgreSQL has instead in a migration",
            f"{_SCHEMA}:5:10",
        ),
    ),
    ProblemCode(
        "not-utf-8",
        "A file of the workspace is not UTF-8 text.",
        Example("the byte 0xfc is not valid UTF-8", "save the file as UTF-8", f"{_SCHEMA}:7:12"),
    ),
    ProblemCode(
        "outside-workspace",
        "A file of the workspace is a symbolic link to somewhere else. Only files of the workspace are published.",
        Example(
            f"{_SCHEMA} is outside the workspace", "replace the symbolic link with the file itself", _SCHEMA
        ),
        Example(
            "app/prisma/migrations/20260101000000_init/migration.sql is a symbolic link that leads out of app",
            "replace the symbolic link with the file itself",
            "app/prisma/migrations/20260101000000_init/migration.sql",
        ),
    ),
    ProblemCode(
        "partial-types-not-literal",
        "partial_types.py contains something that can't be understood without running it.",
        Example(
            "this file is read and never run: 'try' is not allowed",
            'write Model.create_partial("Name", ...) with literal arguments, one for each partial type',
            f"{_PARTIALS}:4:1",
        ),
        Example(
            "it has more than 1000000 characters",
            'write Model.create_partial("Name", ...) with literal arguments, one for each partial type',
            f"{_PARTIALS}:1:1",
        ),
        Example(
            "its expressions are nested too deeply",
            'write Model.create_partial("Name", ...) with literal arguments, one for each partial type',
            f"{_PARTIALS}:1:1",
        ),
    ),
    ProblemCode(
        "partial-types-syntax",
        "partial_types.py is not Python.",
        Example("invalid Python: '(' was never closed", "correct it", f"{_PARTIALS}:3:20"),
    ),
    ProblemCode(
        "preview-feature",
        "The schema asks for a preview feature that this version of Prisma doesn't have, or needs one it doesn't ask for.",
        Example(
            'The preview feature "metrics" is not known. Expected one of: relationJoins, views, …',
            "remove it from previewFeatures",
            f"{_SCHEMA}:6:21",
        ),
        Example(
            "View definitions are only available with the `views` preview feature.",
            "add the feature to previewFeatures of the schema's generator block",
            f"{_SCHEMA}:9:1",
        ),
    ),
    ProblemCode(
        "relation",
        "A relation is declared on one side only.",
        Example(
            "Error validating field `posts` in model `User`: The relation field `posts` on model `User` is "
            "missing an opposite relation field on the model `Post`. …",
            "add the field on the other model",
            f"{_SCHEMA}:6:3",
        ),
    ),
    ProblemCode(
        "schema-syntax",
        "A line of the schema is not part of Prisma's language.",
        Example(
            "This line is invalid. It does not start with any known Prisma schema keyword.",
            "begin blocks with model, enum, view, datasource or generator, and put each field on its own line",
            f"{_SCHEMA}:4:1",
        ),
    ),
    ProblemCode(
        "sealed-version",
        "A command would change a published version.",
        Example(
            "1.0.0 is published and can't be changed any more",
            "put the change in a new version: `schema-service new VERSION`",
        ),
    ),
    ProblemCode(
        "sealed-version-edited",
        "Files of a published version differ from what was published.",
        Example(
            "1.0.0 was edited after it was published",
            "restore schemas/1.0.0 (and the migrations before it) from version control, "
            "and put the change in a new version",
            "schemas/1.0.0",
        ),
        Example(
            "the changelog of 1.0.0 was edited after it was published in the packages",
            "restore it from version control; schema-service amend 1.0.0 --changelog FILE records a correction "
            "beside it",
            "schemas/1.0.0/CHANGELOG.md",
        ),
    ),
    ProblemCode(
        "several-prisma-projects",
        "`init --from-prisma` found more than one schema for Postgres, and doesn't choose.",
        Example(
            "../app has 2 Prisma schemas for Postgres:\n  ../app/packages/a/prisma\n  ../app/packages/b/prisma",
            "give one of them",
        ),
    ),
    ProblemCode(
        "stray-file",
        "A file under migrations/ is not part of any migration.",
        Example(
            "'fix.sql' is neither an up.sql nor a down.sql of a migration, so it would never run",
            "move it into a folder NNN_name as up.sql or down.sql, or remove it",
            "schemas/1.0.0/migrations/fix.sql",
        ),
    ),
    ProblemCode(
        "toolchain-failed",
        "Installing the npm toolchain failed, for a reason that no other code covers.",
        Example(
            "building the toolchain failed: Error: Cannot find module 'esbuild'",
            "run the command again; if it fails the same way, try `npm ping` and `npm cache verify`",
        ),
    ),
    ProblemCode(
        "toolchain-no-space",
        "There is no disk space for the npm toolchain.",
        Example(
            "npm ran out of disk space (ENOSPC)",
            "free about 200 MB (needed during the installation), or set SCHEMA_SERVICE_CACHE to a folder "
            "on another disk; then run the command again",
        ),
    ),
    ProblemCode(
        "toolchain-refused",
        "The npm registry that this machine uses wants a login.",
        Example(
            "the npm registry at npm.example denies access to this user (E401), so prisma can't be installed",
            "log in with `npm login`, or put a valid token in ~/.npmrc; then run the command again",
        ),
    ),
    ProblemCode(
        "toolchain-unreachable",
        "The npm registry that this machine uses doesn't answer.",
        Example(
            "the npm registry at npm.example can't be reached (ECONNREFUSED), so prisma can't be installed",
            "check the network, and the registry, proxy and cafile that `npm config list` shows; "
            "then run the command again",
        ),
    ),
    ProblemCode(
        "toolchain-unwritable",
        "A cache folder for the npm toolchain can't be written.",
        Example(
            "the cache folder /var/cache/schema-service can't be written: Permission denied",
            "make it writable, or set SCHEMA_SERVICE_CACHE to a folder that is",
        ),
        Example(
            "npm can't write its files (EACCES)",
            "make npm's cache folder (`npm config get cache`) writable, or set npm_config_cache and "
            "SCHEMA_SERVICE_CACHE to folders that are",
        ),
    ),
    ProblemCode(
        "unknown-attribute",
        "The schema uses an attribute or argument that Prisma doesn't have at this place.",
        Example(
            'Attribute not known: "@ignore".',
            "remove it, or write one that Prisma has at this place",
            f"{_SCHEMA}:16:4",
        ),
    ),
    ProblemCode(
        "unknown-field",
        "Something names a field that doesn't exist, or that can't be used there.",
        Example("User has no field 'nmae'", "did you mean 'name'?", f"{_PARTIALS}:3:48"),
        Example(
            "'UserOnlyName' leaves 'email' out", "keep the field, or remove it here", f"{_PARTIALS}:3:60"
        ),
        Example("[project] has 'gui-scripts', which is not supported", "remove it", "pyproject.toml"),
    ),
    ProblemCode(
        "unknown-key",
        "version.toml has a key that means nothing.",
        Example(
            "unknown key 'autor'",
            "use description, author, notes, compatible_from, from or one of the tables "
            "[renames], [accept_loss], [backfill], [sql_only], [takes]",
            f"{_VERSION_TOML}:2:1",
        ),
    ),
    ProblemCode(
        "unknown-model",
        "partial_types.py names a model that the schema doesn't have.",
        Example("the schema has no model 'Usr'", "did you mean 'User'?", f"{_PARTIALS}:3:1"),
    ),
    ProblemCode(
        "unknown-partial",
        "partial_types.py uses a partial type that it doesn't declare.",
        Example("there is no partial type 'PostOnlyTitle'", "choose one of PostTitle", f"{_PARTIALS}:5:70"),
    ),
    ProblemCode(
        "unknown-relation",
        "partial_types.py names a relation that the model doesn't have.",
        Example("User has no relation 'post'", "did you mean 'posts'?", f"{_PARTIALS}:5:60"),
    ),
    ProblemCode(
        "unknown-type",
        "A field has a type that the schema doesn't declare.",
        Example(
            'Type "Taem" is neither a built-in type, nor refers to another model, composite type, or enum.',
            "declare a model or an enum of that name, or use a Prisma type such as String or Int",
            f"{_SCHEMA}:6:8",
        ),
    ),
    ProblemCode(
        "unknown-version",
        "A version is named that the workspace, or the migrations package, doesn't have.",
        Example(
            "there is no version 3.0.0 in this workspace",
            "choose an existing one (1.0.0, 1.1.0, 2.0.0), or draft it with `schema-service new 3.0.0`",
        ),
        Example(
            "this package has no version 3.0.0",
            "use one of 1.0.0, 1.1.0, 2.0.0, or install the package of that version",
        ),
    ),
    ProblemCode(
        "unreadable-file",
        "A file of the workspace can't be read.",
        Example(
            f"{_SCHEMA} can't be read: Permission denied",
            "replace it with a text file that this user may read",
            _SCHEMA,
        ),
    ),
    ProblemCode(
        "unwritable-folder",
        "A command can't write into its folder.",
        Example(
            "/srv/reviews can't be written: Permission denied",
            "free disk space and make the folder writable, or choose another one; nothing was changed",
        ),
        Example(
            "dist can't be written: No space left on device",
            "free disk space, make it writable, or choose another one with --out; nothing was left in it",
        ),
        Example(
            "feed.atom can't be written: No space left on device",
            "free disk space, make it writable, or name another file; nothing was written",
        ),
    ),
    ProblemCode(
        "version-exists",
        "`new` was given a version that the workspace already has.",
        Example("1.1.0 exists already", "edit schemas/1.1.0 if it is a draft, or choose another version"),
    ),
    ProblemCode(
        "version-too-small",
        "The changes since the version before need a greater step of the version number.",
        Example(
            "1.1.0 is too small a step from 1.0.0 for these changes:\n  - Product.price was removed",
            "publish this as 2.0.0, or undo these changes",
            "schemas/1.1.0/schema.prisma",
        ),
        Example(
            "1.0.1 is too small a step from 1.0.0 for what this schema-service changes in the packages:\n"
            "  - they carry the version's changelog",
            "publish this as 1.1.0, or with the schema-service that published 1.0.0",
            "schemas/1.0.1/schema.prisma",
        ),
        Example(
            "1.1.0 is too small a step from 1.0.0 for what changed in [packages]:\n"
            "  - python_client was schema-client and is shop-client",
            "publish this as 2.0.0, or take back what 1.0.0 was published with",
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "wrong-partial",
        "A relation is given a partial type of another model.",
        Example(
            "'TagOnlyName' is of Tag, but 'posts' leads to Post",
            "use a partial type of Post",
            f"{_PARTIALS}:5:70",
        ),
    ),
    ProblemCode(
        "wrong-rename",
        "[renames] in version.toml names what one of the two versions doesn't have, or gives two things one name.",
        Example(
            '[renames] "Review.star" = "Review.rating" is wrong: 1.0.0 has no Review.star',
            "correct the line, or remove it",
            f"{_VERSION_TOML}:5:1",
        ),
        Example(
            '[renames] "Review.stars" = "Review.rating" is wrong: Review.rating is the new name of 2 things',
            "keep the line of one of them: `migration new` asks what becomes of the others",
            f"{_VERSION_TOML}:5:1",
        ),
    ),
)
