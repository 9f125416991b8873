"""The codes of settings, credentials and the schemas of a service: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_INDEX = "the Python index at https://packages.example/team/prod/"
_NPM = "the npm registry at https://npm.example/"

SETTINGS_CODES: Final = (
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
        "invalid-registry-url",
        "A registry's address in schema-service.toml can't be one.",
        Example(
            "'packages.example/team' is not a registry address",
            "write it as http:// or https://, a host and a path, without spaces",
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
        "other-index",
        "The settings name another index on this machine than the one that `up` starts.",
        Example(
            "[registries.pypi] url is not the index that `up` runs",
            'set url = "http://127.0.0.1:3141/team/prod/"',
            "schema-service.toml",
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
        "registry-elsewhere",
        "`up` is asked to start a registry whose address is not on this machine.",
        Example(
            "[registries.npm] is not on this machine, so `up` can't start it",
            "`up` is for registries on 127.0.0.1; to publish to this one, `publish` is enough",
            "schema-service.toml",
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
        "unknown-channel",
        "`deliveries --channel` names a channel that there is none of.",
        Example(
            "there is no channel 'chta' under [notify], and nothing was announced to one",
            "name one of: chat, webhook",
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
        "unknown-setting",
        "schema-service.toml, or a variable SCHEMA_SERVICE_…, has a key that means nothing.",
        Example("there is no setting 'registries.pipy'", "did you mean 'pypi'?", "schema-service.toml:5:1"),
    ),
    ProblemCode(
        "unreadable-settings",
        "schema-service.toml exists and can't be read.",
        Example("the file can't be read: Permission denied", "check its permissions", "schema-service.toml"),
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
)
