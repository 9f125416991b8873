"""The codes of commands, of the servers that they start, and of requests: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

COMMANDS_CODES: Final = (
    ProblemCode(
        "api-not-started",
        "The Schema API was started beside other servers and did not answer in time.",
        Example(
            "the API on http://127.0.0.1:8000 did not start within 30 s",
            "run this again when the machine is less busy; the lines above say more",
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
        "devpi-not-installed",
        "`up` and `demo` run devpi, which is an optional dependency of schema-service.",
        Example(
            "devpi-server, the local Python index, is not installed",
            "run: pip install 'schema-service[local]', or set [registries.pypi] to a running index",
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
        "interrupted",
        "Ctrl-C or a signal ended the command. What was finished stays finished.",
        Example("interrupted; nothing is left running", "run the command again to continue"),
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
        "no-such-page",
        "A list has fewer pages than the one that is asked for.",
        Example(
            "there is no page 4: the last one is 3", "follow the links of the header Link, or ask for page=1"
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
        "no-working-folder",
        "The folder that the command was started in has been removed.",
        Example("the current folder does not exist any more", "change to one that does, with cd"),
    ),
    ProblemCode(
        "not-confirmed",
        "Something else was typed than what confirms that data is destroyed.",
        Example("nothing was confirmed, so nothing was changed", "run it again, and type the version"),
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
        "refused-by-system",
        "The operating system refuses to read or write a file.",
        Example(
            "/srv/reviews/.schema-service/state.db: No space left on device",
            "free some disk space, then run this again",
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
