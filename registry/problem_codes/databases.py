"""The codes of writing migrations and of registered databases, their runs and fleet runs: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

DATABASES_CODES: Final = (
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
            code="database-away",
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
        "edited-script",
        "`migration rewrite` would lose what somebody wrote into the scripts.",
        Example(
            "002_reviews was edited since it was written",
            "keep a copy of the edits, then run this again with --discard-edits",
            "schemas/2.0.0/migrations/002_reviews",
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
        "no-such-run",
        "There is no run or release job with this id.",
        Example("there is no run 'd011ac73701a'", "`schema-service runs`, or GET /runs, lists them"),
        Example("there is no release job 'd011ac73701a'", "GET /releases lists them"),
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
        "nothing-to-migrate",
        "`migration new` found no difference between the schema and the state after the last migration.",
        Example(
            "schemas/1.1.0/schema.prisma has no changes since the version before",
            "edit the schema first, or use --empty to write the SQL by hand",
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
        "rollback-blocked",
        "Rows or names in a database are such that the older version can't hold them.",
        Example(
            "main: 1.0.0 can't hold what is there\n003_names: examples.name: 2 rows, such as 'a'",
            "change those rows or names, then run this again; nothing was changed",
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
        "target-withdrawn",
        "A migration goes to a version that is withdrawn. Who asks for it by its number is warned, and it is "
        "done; one that was asked for before, and that no worker has begun, isn't.",
        Example(
            "1.2.0 is withdrawn (loses orders), and nobody should use it",
            "it is done because it was asked for by its number; to take it back, migrate to another version",
            severity="warning",
        ),
        Example(
            "ops has withdrawn 1.2.0 (loses orders) while run 5f0c4d3e2b1a waited; nothing was done",
            "migrate to another version; or, to do it all the same: schema-service run retry 5f0c4d3e2b1a",
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
        "unknown-migration",
        "The version has no migration with that name.",
        Example("2.0.0 has no migration 003_tags", "choose one of 002_reviews", "schemas/2.0.0"),
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
)
