"""The codes of this room's problems, and of its commands: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_INDEX = "the Python index at https://packages.example/team/prod/"
_NPM = "the npm registry at https://npm.example/"

REGISTRY_CODES: Final = (
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
            "the registry gives other bytes for schema_client-2.0.0-py3-none-any.whl than were uploaded",
            "look for a proxy or a plug-in that rewrites packages; `latest` was not moved",
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
        "command-server-ended",
        "Beside a running `up` its process runs `check` and `publish`, which saves importing; it was killed meanwhile.",
        Example(
            "the process of `schema-service up` that ran this command was killed",
            "run the command again to continue",
        ),
    ),
    ProblemCode(
        "conflicting-options",
        "Two options of a command contradict each other.",
        Example("--all checks every version, and a version was named as well", "use one of the two"),
        Example("--sample and --from-prisma can't be combined", "use one of the two"),
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
        "line-left-out",
        "A maintenance version would leave out another one of its line, which was published from another clone.",
        Example(
            "1.1.1 is published and not in this workspace; 1.1.2 follows 1.1.0, and would lack what 1.1.1 has",
            'get schemas/1.1.1 from version control, and write from = "1.1.1"',
            "schemas/1.1.2/version.toml",
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
            "there is no registry to publish to: [registries.npm] is missing",
            'add [registries.npm] with url = "…", or run schema-service up for a local one',
            "schema-service.toml",
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
        "not-published",
        "A version is asked for that the catalogue or a registry does not have.",
        Example("3.0.0 is not published", "latest is 2.0.0; GET /versions lists all"),
        Example(
            f"{_NPM} doesn't list @org/schema-client 2.0.0",
            "publish it; if it was uploaded just now, check whether the registry shows it at all",
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
        "rows-differ",
        "In the demo, the Node client reads other rows than the Python client wrote.",
        Example(
            'Python wrote [{"id": 1}] and Node reads []', "this is a bug in schema-service: please report it"
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
        "A setting names a variable of the environment which isn't set, or is empty.",
        Example(
            "the variable REHEARSAL_URL, which [rehearsal] url_env names, is not set",
            "set it to the URL of the server to rehearse on, or remove url_env to use the embedded one",
        ),
        Example(
            "the variable RELEASE_HOOK, which [notify] webhook_env names, is not set",
            "set it to the webhook's URL, then run this again",
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
            f"@org/schema-client 2.0.0 is in {_NPM} already, with other content",
            "publish the change as a new version; if nothing was changed, it is published already, "
            "built by another version of schema-service",
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
        Example("No such option: --al (Possible options: --all, --help)", "see schema-service check --help"),
    ),
)
