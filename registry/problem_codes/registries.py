"""The codes of registries, of the packages in them, and of installing from them: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_INDEX = "the Python index at https://packages.example/team/prod/"
_NPM = "the npm registry at https://npm.example/"

REGISTRIES_CODES: Final = (
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
        "built-differently",
        "An interrupted release was continued, and its packages came out with other bytes than the first time.",
        Example(
            "building schema_client-2.0.0-py3-none-any.whl again gave other bytes than when this release began",
            "finish the release with the version of schema-service that began it",
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
        "deprecation-refused",
        "An npm registry doesn't mark a version as withdrawn, or doesn't take the mark away.",
        Example(
            f"{_NPM} doesn't mark @org/schema-client 1.2.0 as withdrawn (these credentials may not)",
            "give these credentials the right to deprecate packages, which Verdaccio calls `unpublish`",
        ),
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
        "no-such-index",
        "The address that uploads go to is not a Python index.",
        Example(
            f"{_INDEX} has no index at this address",
            "correct the url under [registries.pypi]; it is the address that uploads go to",
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
        "tag-refused",
        "A registry took the packages and refuses to move the tag `latest`.",
        Example(
            f"{_NPM} doesn't move latest of @org/schema-client to 2.0.0 (status 404)",
            "give these credentials the right to publish the package, then run this again",
        ),
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
)
