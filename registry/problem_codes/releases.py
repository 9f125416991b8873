"""The codes of publishing, of published versions and of drafts: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_NPM = "the npm registry at https://npm.example/"

RELEASES_CODES: Final = (
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
        "draft-below",
        "A version can't be published before an older draft whose migrations come first.",
        Example(
            "1.1.0 is still a draft, and its migrations run before those of 2.0.0",
            "publish it first: schema-service publish 1.1.0",
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
        "latest-would-be-withdrawn",
        "The version to withdraw is `latest`, and consumers who name no version would get it.",
        Example("1.2.0 is latest, and latest must not be withdrawn", "say where latest goes: --latest 1.1.0"),
        Example("1.0.0 is latest, and latest must not be withdrawn", "publish another version first"),
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
        "manifest-format-unknown",
        "The migrations of a published version are in a format that this tool's runner doesn't read.",
        Example(
            "shop_migrations-1.0.0-py3-none-any.whl has migrations in format 2, and this runner reads 1",
            "run that package's own command: pip install shop-migrations==1.0.0",
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
        "no-such-release",
        "The state database has no release of that version, finished or not.",
        Example(
            "no release of 1.0.0 was begun here",
            "schema-service publish 1.0.0 begins one; what another machine published is shown there",
        ),
    ),
    ProblemCode(
        "no-versions",
        "The workspace has no version to work with.",
        Example("this workspace has no versions yet", "draft the first one: schema-service new 1.0.0"),
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
        "not-pushed",
        "`promote` was asked for a version that was neither pushed nor published, as far as the state database knows.",
        Example(
            "the state database knows of no push of 2.1.0",
            "push it first: schema-service push 2.1.0; what is uploaded already stays as it is",
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
        "pins-withdrawn",
        "Hashes are asked for of a version that nobody should use any more. They are written all the same.",
        Example(
            "1.2.0 is withdrawn (loses orders), and this pins it",
            "pin another version; schema-service versions lists them",
            severity="warning",
        ),
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
)
