"""The codes of this room's problems, and of its commands: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_INDEX = "the Python index at https://packages.example/team/prod/"
_NPM = "the npm registry at https://npm.example/"

REGISTRY_CODES: Final = (
    ProblemCode(
        "announcements-busy",
        "Another process is sending announcements at this moment; it sends all that is due.",
        Example(
            "another process is sending announcements", "wait until it has finished, then run this again"
        ),
    ),
    ProblemCode(
        "api-not-started",
        "The Schema API was started beside other servers and did not answer in time.",
        Example(
            "the API on http://127.0.0.1:8000 did not start within 30 s",
            "run this again when the machine is less busy; the lines above say more",
        ),
    ),
    ProblemCode(
        "artifact-altered",
        "A registry serves a file whose sha256 is not that of the file that was published.",
        Example(
            "the registry serves other bytes for schema_client-2.0.0-py3-none-any.whl than were published",
            "check for a proxy or a plug-in that rewrites packages",
        ),
        Example(
            "https://packages.example/team/prod/ gives other bytes for schema_client-2.0.0-py3-none-any.whl than were uploaded",
            "look for a proxy or a plug-in that rewrites packages; `latest` was not moved",
        ),
        Example(
            "the registry serves other bytes for schema_client-2.0.0-py3-none-any.whl than were published, in "
            "schema_client/models.py",
            "don't install it; have the registry's operator restore the file, and look for a proxy or a plug-in "
            "that rewrites packages",
        ),
        Example(
            "the index lists another digest for schema_client-2.0.0-py3-none-any.whl than was published",
            "don't install it; `schema-service verify` names all that was changed",
        ),
        Example(
            "the registry serves schema_client-2.0.0-py3-none-any.whl and lists another digest for it",
            "have the registry's operator restore its metadata; installs that check hashes will fail",
        ),
    ),
    ProblemCode(
        "artifact-says-otherwise",
        "A package was installed in the test step and carries the digest of another schema.",
        Example(
            "schema_client-2.0.0-py3-none-any.whl was installed and says it carries schema '1.1.0 4bf92f3577b34da6'",
            "this is a bug in schema-service: please report it with the schema",
        ),
    ),
    ProblemCode(
        "bug",
        "A fault of schema-service itself, or of the migration runner: something failed that no other code covers.",
        Example(
            "this is a bug in schema-service: KeyError: 'indexes'",
            "please report it with what SCHEMA_SERVICE_DEBUG=1 prints for the same command",
        ),
        Example("a bug in this program: KeyError: 'steps'", "report it with this message"),
    ),
    ProblemCode(
        "built-differently",
        "An interrupted release was continued, and its packages came out with other bytes than the first time.",
        Example(
            "building schema_client-2.0.0-py3-none-any.whl again gave other bytes than when this release began",
            "finish the release with the version of schema-service that began it",
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
        "changelog-exists",
        "`changelog --write` would overwrite a changelog that somebody wrote.",
        Example(
            "2.0.0 has a changelog already, which would be lost",
            "edit that one; delete its text to have it made from the changes again",
            "schemas/2.0.0/CHANGELOG.md",
        ),
    ),
    ProblemCode(
        "command-server-ended",
        "Beside a running `up` its process runs `check` and `publish`, which saves importing; it was killed meanwhile.",
        Example(
            "the process of `schema-service up` that ran this command was killed",
            "run the command again to continue",
        ),
    ),
    ProblemCode(
        "confirmation-needed",
        "What a command would delete has to be confirmed, and nobody can be asked.",
        Example(
            "deleting 2.1.0 has to be confirmed, and standard input is not a terminal",
            "schema-service delete-draft 2.1.0 --yes",
        ),
    ),
    ProblemCode(
        "conflicting-options",
        "Two options of a command contradict each other.",
        Example("--all checks every version, and a version was named as well", "use one of the two"),
        Example("--sample and --from-prisma can't be combined", "use one of the two"),
        Example("--json and --markdown are two forms of one output", "use one of the two"),
        Example("--draft and --markdown can't be combined", "use one of the two"),
        Example(
            "diff compares two versions, and prints lines, --json or --markdown",
            "name at most two versions, and use one of the options",
        ),
        Example("--file and --keyring name two places for one private key", "use one of the two"),
        Example("only a run down can be allowed to lose data", "leave that out, or ask for a run down"),
        Example(
            "either one database is to be migrated, or all with a label",
            "give NAME, or --label LABEL",
        ),
        Example(
            "all databases with the label 'tenant' are to be skipped, or one of the canary is",
            "leave out fewer",
        ),
    ),
    ProblemCode(
        "consumer-failed",
        "A package installs in a clean environment, and fails when it is imported or used there.",
        Example(
            "python fails with exit code 1 in a clean consumer:\n"
            "ModuleNotFoundError: No module named 'psycopg'",
            "the packages install but don't work; the lines above say where they fail",
        ),
    ),
    ProblemCode(
        "consumer-timed-out",
        "Installing or using a package in a clean environment took too long and was stopped.",
        Example(
            "uv did not end within 300 s in a clean consumer",
            "check whether the registries are slow or hang, then run this again",
        ),
    ),
    ProblemCode(
        "credentials-in-url",
        "A registry's address contains a user name, a password or a token, which would end up in logs and files.",
        Example(
            "the address https://packages.example/team/prod/ contains credentials",
            "put them in the environment, the keyring, .pypirc or .npmrc instead",
        ),
    ),
    ProblemCode(
        "credentials-missing",
        "A registry wants credentials, and none were found for it.",
        Example(
            f"{_NPM} asks for credentials",
            "set SCHEMA_SERVICE_NPM_TOKEN (or NODE_AUTH_TOKEN), or keep the token in ~/.npmrc as "
            "//<host>/<path>/:_authToken=…; `npm login --registry <address>` writes it there",
        ),
    ),
    ProblemCode(
        "credentials-refused",
        "A registry does not accept the credentials that were found for it, or they lack the right to publish.",
        Example(
            f"{_INDEX} refuses the credentials",
            "set SCHEMA_SERVICE_PYPI_USERNAME and SCHEMA_SERVICE_PYPI_PASSWORD (or TWINE_USERNAME and "
            "TWINE_PASSWORD), or keep them in the section of ~/.pypirc with this repository, or in the keyring "
            "under this address",
        ),
    ),
    ProblemCode(
        "data-would-be-lost",
        "A rollback of a database would destroy rows or columns, and that was not allowed.",
        Example(
            "main: going back to 1.0.0 destroys data\n002_note: column examples.note: 1 row, such as 'kept?'",
            "back it up, then run this again with --allow-data-loss, or confirm it on a terminal",
        ),
    ),
    ProblemCode(
        "database-*",
        "A registered database refuses a run, or can't be asked: the rest of the code is the migration runner's own.",
        Example(
            "main: the database can't be reached: connection refused",
            "check that it runs, then run this again",
            code="database-database-away",
        ),
    ),
    ProblemCode(
        "database-at-draft",
        "A database ran the migrations of a draft, and a rollback uses those of published versions.",
        Example(
            "main ran the draft 1.1.0-dev.2, and only the package of a draft knows its way back",
            "install shop-migrations==1.1.0.dev2 and run its downgrade --to the version before, with "
            "--allow-draft; or make the database anew",
        ),
    ),
    ProblemCode(
        "deprecation-refused",
        "An npm registry doesn't mark a version as withdrawn, or doesn't take the mark away.",
        Example(
            f"{_NPM} doesn't mark @org/schema-client 1.2.0 as withdrawn (these credentials may not)",
            "give these credentials the right to deprecate packages, which Verdaccio calls `unpublish`",
        ),
    ),
    ProblemCode(
        "devpi-not-installed",
        "`up` and `demo` run devpi, which is an optional dependency of schema-service.",
        Example(
            "devpi-server, the local Python index, is not installed",
            "run: pip install 'schema-service[local]', or set [registries.pypi] to a running index",
        ),
    ),
    ProblemCode(
        "draft-below",
        "A version can't be published before an older draft whose migrations come first.",
        Example(
            "1.1.0 is still a draft, and its migrations run before those of 2.0.0",
            "publish it first: schema-service publish 1.1.0",
        ),
    ),
    ProblemCode(
        "edited-script",
        "`migration rewrite` would lose what somebody wrote into the scripts.",
        Example(
            "002_reviews was edited since it was written",
            "keep a copy of the edits, then run this again with --discard-edits",
            "schemas/2.0.0/migrations/002_reviews",
        ),
    ),
    ProblemCode(
        "folder-not-empty",
        "`build` and `generate` write into a new or an empty folder only.",
        Example(
            "dist is not an empty folder",
            "choose a new folder with --out, or empty this one; nothing in it was changed",
        ),
    ),
    ProblemCode(
        "http-*",
        "The Schema API has no such address, or the address does not support the method.",
        Example("Not Found", "/docs lists the addresses that this API answers", code="http-404"),
    ),
    ProblemCode(
        "index-unreadable",
        "A Python index answers, but not with a list of files as PEP 503 or PEP 691 define it.",
        Example(
            f"{_INDEX} doesn't give its list of schema-client (status 404)",
            "correct the index_url under [registries.pypi]",
        ),
    ),
    ProblemCode(
        "install-failed",
        "The packages can't be installed together in a clean environment.",
        Example(
            "a clean consumer can't install the packages:\n"
            "Because schema-client==2.0.0 depends on psycopg>=3.2 and psycopg was not found …",
            "fix what the installer names: a dependency that no registry has, or conflicting versions",
        ),
    ),
    ProblemCode(
        "interrupted",
        "Ctrl-C or a signal ended the command. What was finished stays finished.",
        Example("interrupted; nothing is left running", "run the command again to continue"),
    ),
    ProblemCode(
        "invalid-channel",
        "What a channel of [notify] has for its address or its secrets can't be used.",
        Example(
            "the variable DEPLOY_HOOK is no http:// or https:// address", "correct it", "schema-service.toml"
        ),
        Example(
            "the variable DEPLOY_SECRET has to hold secrets of the Standard Webhooks specification, with blanks between them",
            "write each as whsec_ and the base64 of 24 to 64 random bytes",
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "invalid-correction",
        "A text can't replace what was published about a version.",
        Example(
            "the description has more than one line",
            "write one line; --note and --changelog take longer texts",
        ),
        Example("the changelog is empty", "write what it should say; what was published stays beside it"),
        Example("of 1.0.0 the description says exactly this already", "nothing has to be corrected"),
        Example(
            "the description has characters that no file in UTF-8 can hold", "write it as plain text in UTF-8"
        ),
        Example("corrected.md is not UTF-8", "give a text file in UTF-8 that you may read"),
    ),
    ProblemCode(
        "invalid-reason",
        "The reason of a withdrawal is shown by installers, so it has to be a line of text.",
        Example(
            "the reason has to be one line of 1 to 300 characters",
            'say why nobody should use the version: --reason "loses orders on upgrade"',
        ),
    ),
    ProblemCode(
        "invalid-registry-url",
        "A registry's address in schema-service.toml can't be one.",
        Example(
            "'packages.example/team' is not a registry address",
            "write it as http:// or https://, a host and a path, without spaces",
        ),
    ),
    ProblemCode(
        "invalid-request",
        "A parameter of a request to the Schema API is missing or has the wrong form.",
        Example(
            "path.language: Input should be 'python', 'node', 'typescript' or 'migrations'",
            "/docs shows what this API accepts",
        ),
    ),
    ProblemCode(
        "invalid-setting",
        "A setting has a value of the wrong type or form.",
        Example(
            "'schemas.billing.workspace': there is no schema-service.toml in ../billing",
            "name the folder of the schema's workspace, from this file's folder",
            "schema-service.toml",
        ),
        Example(
            "'default_schema': there is no schema 'billing'",
            "name one of shop, orders",
            "schema-service.toml",
        ),
        Example(
            "'registries.pypi.url': Input should be a valid string",
            "correct the value",
            "schema-service.toml:6:7",
        ),
    ),
    ProblemCode(
        "invalid-state-url",
        "The address of the state database can't be one, or is for a database that can't hold it.",
        Example(
            "[state] url can't be used: the connection string is malformed: its port is not a number from 1 to 65535",
            "in a URL's user and password, write @ / : ? # % and spaces percent-encoded, as %40 for @",
        ),
        Example(
            "[state] url is neither a SQLite file nor a Postgres database",
            'use "sqlite:///.schema-service/state.db" or "postgresql://user@host/database"',
        ),
    ),
    ProblemCode(
        "keyring-entry-missing",
        "A setting names an entry of the keyring that isn't there, or that the keyring doesn't give without a prompt.",
        Example(
            "the entry team-chat of schema-service in the keyring, which [notify] channel team names, is not in it",
            "put the channel's secret there, then run: schema-service deliveries --send",
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "line-left-out",
        "A maintenance version would leave out another one of its line, which was published from another clone.",
        Example(
            "1.1.1 is published and not in this workspace; 1.1.2 follows 1.1.0, and would lack what 1.1.1 has",
            'get schemas/1.1.1 from version control, and write from = "1.1.1"',
            "schemas/1.1.2/version.toml",
        ),
    ),
    ProblemCode(
        "latest-would-be-withdrawn",
        "The version to withdraw is `latest`, and consumers who name no version would get it.",
        Example("1.2.0 is latest, and latest must not be withdrawn", "say where latest goes: --latest 1.1.0"),
        Example("1.0.0 is latest, and latest must not be withdrawn", "publish another version first"),
    ),
    ProblemCode(
        "manifest-format-unknown",
        "The migrations of a published version are in a format that this tool's runner doesn't read.",
        Example(
            "shop_migrations-1.0.0-py3-none-any.whl has migrations in format 2, and this runner reads 1",
            "run that package's own command: pip install shop-migrations==1.0.0",
        ),
    ),
    ProblemCode(
        "line-open",
        "A draft doesn't contain a maintenance version that is published: databases there can't move on to it.",
        Example(
            "2.1.0 doesn't contain 1.1.1: databases there can't be upgraded to it",
            'take the line over: draft it with --takes 1.1.1, or add [takes."1.1.1"] to '
            "schemas/2.1.0/version.toml; if no database is there, nothing has to be done",
            "schemas/1.1.1",
        ),
    ),
    ProblemCode(
        "missing-setting",
        "A setting that the command needs is not set.",
        Example("'name' is missing", "add name = …", "schema-service.toml"),
        Example(
            "there is no index to ask: [registries.pypi] is missing",
            'add [registries.pypi] with url = "…"',
            "schema-service.toml",
        ),
        Example(
            "there is no registry to publish to: [registries.npm] is missing",
            'add [registries.npm] with url = "…", or run schema-service up for a local one',
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "no-draft",
        "`publish --draft` was asked for packages of a version that has no draft: one that is published, or a "
        "pre-release, which nobody gets unasked anyway.",
        Example(
            "2.1.0 is published, so there is no draft of it",
            "draft the next version: schema-service new VERSION --from 2.1.0",
        ),
        Example(
            "2.1.0-rc.1 is a pre-release, and drafts are of the release: 2.1.0",
            "publish it, which nobody gets unasked: schema-service publish 2.1.0-rc.1",
        ),
    ),
    ProblemCode(
        "no-such-index",
        "The address that uploads go to is not a Python index.",
        Example(
            f"{_INDEX} has no index at this address",
            "correct the url under [registries.pypi]; it is the address that uploads go to",
        ),
    ),
    ProblemCode(
        "no-such-page",
        "A list has fewer pages than the one that is asked for.",
        Example(
            "there is no page 4: the last one is 3", "follow the links of the header Link, or ask for page=1"
        ),
    ),
    ProblemCode(
        "no-such-release",
        "The state database has no release of that version, finished or not.",
        Example(
            "no release of 1.0.0 was begun here",
            "schema-service publish 1.0.0 begins one; what another machine published is shown there",
        ),
    ),
    ProblemCode(
        "no-such-run",
        "There is no run or release job with this id.",
        Example("there is no run 'd011ac73701a'", "`schema-service runs`, or GET /runs, lists them"),
        Example("there is no release job 'd011ac73701a'", "GET /releases lists them"),
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
        "no-temporary-folder",
        "No folder for temporary files can be written.",
        Example(
            "no folder for temporary files is writable",
            "free space in the system's temporary folder, or set TMPDIR to a writable one",
        ),
    ),
    ProblemCode(
        "no-versions",
        "The workspace has no version to work with.",
        Example("this workspace has no versions yet", "draft the first one: schema-service new 1.0.0"),
    ),
    ProblemCode(
        "no-working-folder",
        "The folder that the command was started in has been removed.",
        Example("the current folder does not exist any more", "change to one that does, with cd"),
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
        "not-a-rollback",
        "The version to go back to is above the one that is `latest`.",
        Example(
            "2.0.0 is above 1.1.0, which is latest now: nothing would be rolled back",
            "to make it latest, run: schema-service latest set 2.0.0",
        ),
    ),
    ProblemCode(
        "not-confirmed",
        "Something else was typed than what confirms that data is destroyed.",
        Example("nothing was confirmed, so nothing was changed", "run it again, and type the version"),
    ),
    ProblemCode(
        "not-promoted",
        "A version was pushed and waits to be promoted, so it can't be latest, gone back to or withdrawn yet.",
        Example(
            "2.1.0 was pushed and waits to be promoted: no consumer gets it yet",
            "promote it first: schema-service promote 2.1.0",
        ),
    ),
    ProblemCode(
        "not-published",
        "A version is asked for that the catalogue or a registry does not have.",
        Example("3.0.0 is not published", "latest is 2.0.0; GET /versions lists all"),
        Example("nothing is published yet, so no version is latest", "name a version"),
        Example(
            "3.0.0 is not in the state database, so there is nothing to correct there",
            "edit the files of a draft; for a version that was published elsewhere, name that machine's [state] "
            "url",
        ),
        Example(
            f"{_NPM} doesn't list @org/schema-client 2.0.0",
            "publish it; if it was uploaded just now, check whether the registry shows it at all",
        ),
        Example(
            "3.0.0 is published neither in the catalogue nor in this workspace",
            "schema-service versions lists what is; get release.lock files from version control first",
        ),
        Example(
            "2.0.0 is not in this state database",
            "schema-service versions lists what is; publishing it again records it, and changes nothing else",
        ),
        Example(
            "1.0.7 is not published",
            "near it: 1.0.0, 1.1.0; latest is 2.0.0; GET /versions lists all",
        ),
        Example(
            "this is no npm package of this schema: @org/schema-client/9.9.9",
            "ask for a package by its name; GET /client/latest/node tells ours",
        ),
        Example(
            "this is no wheel of this schema: schema_client-9.9.9-py3-none-any.whl",
            "GET /simple/ lists the names of its wheels",
        ),
        Example("3.0.0 is not published", "name a version that `schema-service versions` lists"),
        Example(
            "there is no signed statement about 1.0.0",
            "see [trust] in schema-service.toml: releases are signed from then on",
        ),
        Example(
            "there is no ready file called 'setup.cfg' for this package",
            "ask for one of requirements.txt, pip.conf",
        ),
        Example(
            "1.0.0 was published without a package for node",
            "GET /schema/1.0.0/metadata lists those that it has",
        ),
        Example("3.0.0 is a draft, and was not published", "publish it first: schema-service publish 3.0.0"),
        Example(
            "3.0.0 is not published, as far as this machine's state database knows",
            "schema-service versions lists what is; schema-service repair takes over what was published elsewhere",
        ),
        Example(
            "nothing is published yet, so there is nothing to compare databases with",
            "publish a version first; where another machine did, run: schema-service repair",
        ),
    ),
    ProblemCode(
        "not-uploadable",
        "A wheel fails the checks that an index makes at upload.",
        Example(
            f"{_INDEX} would refuse schema_client-2.0.0-py3-none-any.whl: InvalidDistribution",
            "report this as a bug",
        ),
    ),
    ProblemCode(
        "nothing-to-correct",
        "`amend` was called without a text.",
        Example(
            "amend was told a version, and no text for it",
            "give --description TEXT, --note TEXT or --changelog FILE",
        ),
    ),
    ProblemCode(
        "not-pushed",
        "`promote` was asked for a version that was neither pushed nor published, as far as the state database knows.",
        Example(
            "the state database knows of no push of 2.1.0",
            "push it first: schema-service push 2.1.0; what is uploaded already stays as it is",
        ),
    ),
    ProblemCode(
        "nothing-to-migrate",
        "`migration new` found no difference between the schema and the state after the last migration.",
        Example(
            "schemas/1.1.0/schema.prisma has no changes since the version before",
            "edit the schema first, or use --empty to write the SQL by hand",
        ),
    ),
    ProblemCode(
        "other-index",
        "The settings name another index on this machine than the one that `up` starts.",
        Example(
            "[registries.pypi] url is not the index that `up` runs",
            'set url = "http://127.0.0.1:3141/team/prod/"',
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "outdated-script",
        "The answers in version.toml would lead to other scripts than those that `migration new` wrote.",
        Example(
            "002_reviews was written from other answers than version.toml has now",
            "write it anew: schema-service migration rewrite 002_reviews 2.0.0",
            "schemas/2.0.0/migrations/002_reviews/up.sql:1:1",
        ),
    ),
    ProblemCode(
        "package-name",
        "A name in [packages] is one that its registry or language does not accept, or that two packages share.",
        Example(
            "packages.python_import: 'class' is a keyword in Python",
            "choose another name",
            "schema-service.toml:9:17",
        ),
    ),
    ProblemCode(
        "package-not-checked",
        "One of the tools that look at packages before they are uploaded gave no answer; nothing was uploaded.",
        Example(
            "TypeScript could not look at org-schema-types-2.0.0.tgz: it did not end within 300 s",
            "run this again; if it keeps failing, report it with the schema",
        ),
        Example(
            "mypy is not installed, and [checks] mypy asks for it",
            "run: pip install 'schema-service[mypy]', or remove mypy from [checks] in schema-service.toml",
        ),
    ),
    ProblemCode(
        "package-refused",
        "publint, Are the types wrong, TypeScript, twine, check-wheel-contents, mypy or the check that a Python "
        "client declares all of its types found something wrong in a package that was about to be uploaded. The "
        "message is the tool's own, and the place is in the package.",
        Example(
            "TypeScript says of org-schema-types-2.0.0.tgz: error TS2304: Cannot find name 'Decimal'.",
            "this is a bug in schema-service: please report it with the schema; nothing was uploaded",
        ),
    ),
    ProblemCode(
        "package-not-ours",
        "A registry has a package under one of the names in [packages] that was made by something else, or from "
        "another schema. Publishing would mix the two, and give consumers the one that has the higher version.",
        Example(
            "the registry at https://npm.example/ has @org/schema-client 5.0.0, which schema-service has not made: "
            "it is somebody else's package",
            "choose another name under [packages] in schema-service.toml; if it is this team's own package, "
            "have that version removed from the registry",
        ),
    ),
    ProblemCode(
        "port-unavailable",
        "A server can't listen on its port: it is in use, or this user may not use it.",
        Example(
            "the API can't listen on 127.0.0.1:8000: address already in use",
            "stop what uses the port, or choose another port or host",
        ),
        Example("devpi can't listen on local port 3141", "choose another port, or stop what listens there"),
    ),
    ProblemCode(
        "published-migration-deleted",
        "A migration that was published is missing from the workspace.",
        Example(
            "this migration is published, and is no longer in the workspace",
            "restore it from version control; to undo it, add a new migration",
            "schemas/1.0.0/migrations/002_reviews/up.sql",
        ),
    ),
    ProblemCode(
        "published-migration-edited",
        "A migration that was published has another text now. Databases have run the published one.",
        Example(
            "this migration is published, and databases have run it as it was",
            "restore it from version control, and put the change in a new migration",
            "schemas/1.0.0/migrations/002_reviews/up.sql",
        ),
    ),
    ProblemCode(
        "published-migration-renamed",
        "The number of a published migration is used by a folder with another name.",
        Example(
            "its number belongs to 002_reviews of 1.1.0, which is published",
            "restore 002_reviews from version control, and give this migration the next free number",
            "schemas/1.1.0/migrations/002_ratings/up.sql",
        ),
    ),
    ProblemCode(
        "published-unknown",
        "`check` could not ask the shared state database what other machines have published. Publishing asks it again.",
        Example(
            "what other machines have published could not be asked: the state database can't be used: connection refused",
            "check [state] url and that the database is up and writable, then run this again",
        ),
    ),
    ProblemCode(
        "refused-by-system",
        "The operating system refuses to read or write a file.",
        Example(
            "/srv/reviews/.schema-service/state.db: No space left on device",
            "free some disk space, then run this again",
        ),
    ),
    ProblemCode(
        "promotion-refused",
        "A devpi doesn't push a version from the staging index to the release index.",
        Example(
            "the Python index at https://packages.example/team/staging/ doesn't push schema-client 2.1.0 to "
            "team/prod (these credentials may not upload there)",
            "give these credentials the right to upload to both indexes, then run this again",
        ),
    ),
    ProblemCode(
        "registry-digest-mismatch",
        "A registry's own list has another digest for a file than the file has. Installers refuse such a file.",
        Example(
            f"{_NPM} lists another digest for @org/schema-client 2.0.0 than its file has",
            "have the registry's operator restore the file or its metadata; installs of it will fail",
        ),
    ),
    ProblemCode(
        "registry-elsewhere",
        "`up` is asked to start a registry whose address is not on this machine.",
        Example(
            "[registries.npm] is not on this machine, so `up` can't start it",
            "`up` is for registries on 127.0.0.1; to publish to this one, `publish` is enough",
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "registry-moved",
        "A registry answers an upload with a redirect. Uploads never follow one, so that no secret goes elsewhere.",
        Example(
            f"{_INDEX} points to https://new.example/team/prod/",
            "set the registry's address to the one it points to",
        ),
    ),
    ProblemCode(
        "registry-unreachable",
        "A registry does not answer, answers too late, or answers that it failed. Safe to run again.",
        Example(
            f"{_INDEX} can't be reached (connection refused)",
            "check that it runs and that the address in schema-service.toml is right, then run this again",
        ),
        Example(
            "packages can't be installed because a registry doesn't answer:\n"
            "error sending request for url (https://packages.example/simple/psycopg/)",
            "check the network and the registries that pip and npm use, then run this again",
        ),
    ),
    ProblemCode(
        "registry-unreadable",
        "An npm registry answers, but not with a packument.",
        Example(
            f"{_NPM} doesn't say which versions of @org/schema-client it has (status 400)",
            "correct the url under [registries.npm]",
        ),
    ),
    ProblemCode(
        "release-busy",
        "Another process is publishing a version of the same schema.",
        Example("another publish of 'reviews' is running", "wait until it has finished, then run this again"),
    ),
    ProblemCode(
        "release-not-stored",
        "A release was cut short while consumers could see it in part, and the state database has nothing of it, "
        "so that no other command can finish it.",
        Example(
            "the release of 1.0.4 was cut short, and the state database has nothing of it",
            "publish it again: schema-service publish 1.0.4",
        ),
    ),
    ProblemCode(
        "request-too-large",
        "A request to the API sends more than any request may, or doesn't say how much.",
        Example("the request sends 1000000 bytes, and 65536 are the most", "send only what /docs shows"),
        Example(
            "the request doesn't say how much it sends",
            "send the header Content-Length, and no Transfer-Encoding",
        ),
    ),
    ProblemCode(
        "rollback-blocked",
        "Rows or names in a database are such that the older version can't hold them.",
        Example(
            "main: 1.0.0 can't hold what is there\n003_names: examples.name: 2 rows, such as 'a'",
            "change those rows or names, then run this again; nothing was changed",
        ),
    ),
    ProblemCode(
        "fleet-run-exists",
        "A fleet run of the same label isn't over: two would bring its databases to two versions.",
        Example(
            "fleet run 5c1b0f6d2a77 of the databases with the label tenant isn't over",
            "wait for it, or end it: schema-service fleet cancel 5c1b0f6d2a77",
        ),
    ),
    ProblemCode(
        "fleet-run-state",
        "A fleet run, or one of its databases, is in a state in which this can't be done.",
        Example(
            "fleet run 5c1b0f6d2a77 is succeeded, and only one that is running can be paused",
            "see how it is: schema-service fleet show 5c1b0f6d2a77",
        ),
        Example(
            "acme is running, and only a database that waits or has failed can be skipped, before the end",
            "to stop one that runs: schema-service run cancel d011ac73701a",
        ),
        Example(
            "no database of fleet run 5c1b0f6d2a77 has failed or been cancelled",
            "see how each is: schema-service fleet show 5c1b0f6d2a77",
        ),
    ),
    ProblemCode(
        "no-such-fleet-run",
        "There is no fleet run with this id.",
        Example("there is no fleet run 'x'", "`schema-service fleets`, or GET /fleet-runs, lists them"),
    ),
    ProblemCode(
        "not-in-fleet-run",
        "A fleet run doesn't have this database.",
        Example(
            "'main' is not one of the databases of fleet run 5c1b0f6d2a77",
            "see which are: schema-service fleet show 5c1b0f6d2a77",
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
        "rows-differ",
        "In the demo, the web service in Node shows other rows than the ingestor in Python wrote.",
        Example(
            "the ingestor wrote {'4': (5, 'a9')} and the web service shows {}",
            "this is a bug in schema-service: please report it",
        ),
    ),
    ProblemCode(
        "run-bug",
        "A migration run ended in a way that this tool doesn't foresee.",
        Example(
            "a bug in schema-service ended release job d011ac73701a: KeyError: 'x'",
            "please report it with this message",
        ),
        Example(
            "a bug in schema-service ended run d011ac73701a: KeyError: 'steps'",
            "please report it with this message",
        ),
    ),
    ProblemCode(
        "run-given-up",
        "The process of a migration run ended each time that it was begun.",
        Example(
            "release job d011ac73701a was begun 50 times, and each time its process ended",
            "see what ends it on the worker's machine, such as a lack of memory, then: POST /releases/d011ac73701a/retry",
        ),
        Example(
            "run d011ac73701a was begun 50 times, and each time its process ended",
            "see what ends it on the worker's machine, such as a lack of memory, then: "
            "schema-service run retry d011ac73701a",
        ),
    ),
    ProblemCode(
        "run-is-over",
        "A migration run that is over can't be cancelled.",
        Example(
            "run d011ac73701a is over, so there is nothing to cancel",
            "see how it ended: schema-service run show d011ac73701a",
        ),
    ),
    ProblemCode(
        "run-not-failed",
        "Only a migration run that failed or was cancelled can be tried again.",
        Example(
            "run d011ac73701a has neither failed nor been cancelled, so there is nothing to try again",
            "see how it is: schema-service run show d011ac73701a",
        ),
    ),
    ProblemCode(
        "server-did-not-start",
        "A local registry exited while starting, or did not answer in time.",
        Example(
            "devpi exited while starting, with exit code 1; the end of its log:\n"
            "OSError: [Errno 28] No space left on device",
            "fix what the log names and run this again; the whole log is .schema-service/local/devpi/devpi.log",
        ),
    ),
    ProblemCode(
        "server-set-up-failed",
        "A local registry runs, and refuses to be configured.",
        Example(
            "devpi can't be set up: +login answered with status 401",
            "see the end of .schema-service/local/devpi/devpi.log; "
            "a folder made by another version of devpi may not work",
        ),
        Example(
            "Verdaccio can't be set up: it refused its own user with status 409",
            "see the end of .schema-service/local/verdaccio/verdaccio.log",
        ),
    ),
    ProblemCode(
        "tag-refused",
        "A registry took the packages and refuses to move the tag `latest`.",
        Example(
            f"{_NPM} doesn't move latest of @org/schema-client to 2.0.0 (status 404)",
            "give these credentials the right to publish the package, then run this again",
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
        "schema-name-differs",
        "[schemas.NAME] names a workspace whose schema is called otherwise, or like that of the service itself.",
        Example(
            "[schemas.billing] names ../billing, whose schema is called 'invoices', beside 'shop' here",
            "call the table like the `name` in that workspace's settings; no two may be the same",
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "schemas-share-packages",
        "Two schemas of one service would publish packages under one name.",
        Example(
            "the schemas shop and billing both publish the package schema-client",
            "give those of billing names of their own, in [packages] of its workspace",
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "unknown-schema",
        "The service has no schema of this name.",
        Example(
            "this service has no schema 'billing'",
            "it has shop, orders; [schemas.NAME] in schema-service.toml adds one",
        ),
    ),
    ProblemCode(
        "unknown-database",
        "No database is registered under that name, or with that label.",
        Example("there is no database 'mian'", "use one of these names: main, replica"),
        Example("no database has the label 'eu'", "add [databases.NAME] with url_env to the file"),
        Example(
            "no database called 'main' has the label 'tenant'",
            "see which have it: schema-service databases --label tenant",
        ),
    ),
    ProblemCode(
        "unknown-channel",
        "`deliveries --channel` names a channel that there is none of.",
        Example(
            "there is no channel 'chta' under [notify], and nothing was announced to one",
            "name one of: chat, webhook",
        ),
    ),
    ProblemCode(
        "unknown-delivery",
        "`deliveries` was given an id that no announcement has.",
        Example("there is no delivery 'msg_1'", "schema-service deliveries lists them"),
    ),
    ProblemCode(
        "unknown-migration",
        "The version has no migration with that name.",
        Example("2.0.0 has no migration 003_tags", "choose one of 002_reviews", "schemas/2.0.0"),
    ),
    ProblemCode(
        "unknown-setting",
        "schema-service.toml, or a variable SCHEMA_SERVICE_…, has a key that means nothing.",
        Example("there is no setting 'registries.pipy'", "did you mean 'pypi'?", "schema-service.toml:5:1"),
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
    ProblemCode(
        "unreadable-settings",
        "schema-service.toml exists and can't be read.",
        Example("the file can't be read: Permission denied", "check its permissions", "schema-service.toml"),
    ),
    ProblemCode(
        "upload-refused",
        "A registry understood the upload and refused it, for a reason other than the credentials.",
        Example(
            f"{_INDEX} refuses schema_client-2.0.0-py3-none-any.whl (status 413: too large)",
            "fix what it names; for 404, correct the url under [registries.pypi]",
        ),
        Example(
            f"{_NPM} refuses @org/schema-client 2.0.0 (status 413: too large)",
            "fix what it names; for 404, correct the url under [registries.npm]",
        ),
    ),
    ProblemCode(
        "variable-not-set",
        "A variable of the environment that a setting names, or a registry in a container needs, isn't set or is empty.",
        Example(
            "the variable REHEARSAL_URL, which [rehearsal] url_env names, is not set",
            "set it to the URL of the server to rehearse on, or remove url_env to use the embedded one",
        ),
        Example(
            "the variable RELEASE_HOOK, which [notify] channel webhook names, is not set",
            "put the channel's secret there, then run: schema-service deliveries --send",
        ),
        Example(
            "the variable REGISTRY_PASSWORD is not set",
            "set it to the password that publishers shall have",
        ),
        Example(
            "the variable RELEASE_KEY, which [trust] key_env names, is not set",
            "set it to the text of the private key's file, line breaks included",
        ),
        Example(
            "the variable MAIN_URL, which [databases.main] url_env names, is not set",
            "set it to the database's URL, then run this again",
        ),
    ),
    ProblemCode(
        "version-is-immutable",
        "The version is published already, with other content. Published versions never change.",
        Example(
            "2.0.0 is already published, with other content; published versions never change",
            "put the change into a new version: schema-service new VERSION --from 2.0.0",
        ),
        Example(
            "2.0.0 is published, and published versions never change",
            "put the change into a new version: schema-service new VERSION --from 2.0.0",
        ),
        Example(
            "a release of 2.0.0 was cut short, and consumers may have parts of it",
            "finish it first: schema-service publish 2.0.0",
        ),
        Example(
            f"@org/schema-client 2.0.0 is in {_NPM} already, with other content",
            "publish the change as a new version; if nothing was changed, it is published already, "
            "built by another version of schema-service",
        ),
    ),
    ProblemCode(
        "version-withdrawn",
        "A version that is withdrawn can't be `latest`.",
        Example(
            "1.2.0 is withdrawn (loses orders): it can't be latest",
            "restore it first: schema-service restore 1.2.0, or choose another version, such as 1.1.0",
        ),
    ),
    ProblemCode(
        "written-by-hand",
        "`migration rewrite` writes only scripts that `migration new` wrote, and this one it did not.",
        Example(
            "it is not known what 002_reviews was written from, so it can't be written anew",
            "edit its scripts; or remove the folder, and run: schema-service migration new NAME",
            "schemas/2.0.0/migrations/002_reviews",
        ),
    ),
    ProblemCode(
        "wrong-usage",
        "The command line can't be understood: an unknown command or option, or a missing argument.",
        Example(
            "--scope is one of read, publish, migrate, admin",
            "give it several times for more than one: --scope publish --scope migrate",
        ),
        Example("No such option: --al (Possible options: --all, --help)", "see schema-service check --help"),
        Example("--database and --fleet can't be combined", "name the databases, or their label"),
        Example(
            "--scope is one of read, publish, migrate, admin",
            "give it several times for more than one: --scope publish --scope migrate",
        ),
        Example(
            "a token's name has letters, digits, dots, hyphens and underscores, at most 60",
            "name it after who or what has it, like ci-main",
        ),
    ),
)
