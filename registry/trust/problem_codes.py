"""The codes of problems with keys, signatures and what is verified: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_KEYID = "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA"
_KEYS = "signing-keys.json"
_STATEMENT = "schemas/2.0.0/release.intoto.jsonl"
_WHEEL = "schema_client-2.0.0-py3-none-any.whl"

TRUST_CODES: Final = (
    ProblemCode(
        "locked-elsewhere",
        "A consumer's lock file has a package of our name from another index than ours.",
        Example(
            "schema-client is locked from https://other.example/simple, which is not where it is published",
            "correct the index, and lock it again: uv lock --upgrade-package schema-client",
            "uv.lock:12",
            severity="warning",
        ),
        Example(
            "schema-client is locked from PyPI, which is not where it is published",
            "correct the source, and lock it again: poetry update schema-client",
            "poetry.lock:12",
            severity="warning",
        ),
        Example(
            "@org/schema-types is locked from https://other.example/, which is not where it is published",
            "write the registry into .npmrc, remove the entry, and run: npm install @org/schema-types",
            "package-lock.json:12",
            severity="warning",
        ),
    ),
    ProblemCode(
        "other-index-could-win",
        "A consumer's files let its package manager take a package of our name from another index than ours.",
        Example(
            "pip takes the highest version of schema-client and schema-migrations from any of its indexes, and PyPI, "
            "pip's default may have one of a stranger's",
            "name one index only: index-url = https://packages.example/team/prod/; it passes everything else on, or "
            "let `schema-service constraints VERSION` write the hashes that pip then requires",
            "pip.conf:2",
            severity="warning",
        ),
        Example(
            "no .npmrc here says where @org/schema-types is from: unless the user's own does, npm asks npm's default "
            "registry",
            "write @org:registry=https://npm.example/ into .npmrc",
            "package.json:4",
            severity="warning",
        ),
    ),
    ProblemCode(
        "rebuild-differs",
        "A published version was built again, and its packages came out with other bytes, or not at all.",
        Example(
            f"building {_WHEEL} again with schema-service 0.2.0 gives other bytes, in schema_client/models.py",
            "it was published with schema-service 0.1.0: install that version, and run this again",
        ),
        Example(
            f"building {_WHEEL} again with schema-service 0.2.0 gives other bytes",
            "build with the version of schema-service that published it; if it is this one, compare what "
            "`schema-service build` writes with the published file",
        ),
        Example(
            "2.0.0 can't be built again: its sources are not in this workspace",
            "get its folder from version control",
        ),
    ),
    ProblemCode(
        "release-altered",
        "Something that a release was sealed with is not what it was: a source, its lock, a public key, or what "
        "the catalogue says of it.",
        Example(
            "schemas/2.0.0/schema.prisma is not what the release was made from",
            "restore it from version control, and put the change in a new version",
        ),
        Example(
            "the sources of schemas/2.0.0 don't have the digest that its release.lock was sealed with",
            "restore schemas/2.0.0 and the migrations before it from version control",
        ),
        Example(
            "schemas/2.0.0/release.lock was changed: the catalogue says otherwise of schema_digest",
            "restore it from version control; if it is as it was committed, the catalogue was changed",
        ),
        Example(
            f"{_KEYS} was changed: it is not as it was written",
            "restore it from version control, and publish from an up-to-date checkout",
        ),
        Example(
            f"{_KEYS} is gone: the catalogue has public keys of this schema",
            "restore it from version control",
        ),
    ),
    ProblemCode(
        "signature-invalid",
        "A signature is there, and doesn't prove that the release is the team's.",
        Example(
            f"{_STATEMENT} proves nothing: it is about another release.lock",
            f"restore it, and {_KEYS}, from version control; if both are as committed, somebody changed the release",
        ),
    ),
    ProblemCode(
        "signature-missing",
        "A version was published while the workspace had a key, and isn't signed.",
        Example(
            f"there is no {_STATEMENT}, though a key was in use when the version was published",
            "restore it from version control or the registry's backup; if the publish was cut short, run it again",
        ),
    ),
    ProblemCode(
        "signing-key-exists",
        "A new key would take the place of one that is there.",
        Example(f"{_KEYS} has a current key already", "replace it with: schema-service key rotate"),
        Example(
            "/home/release/key.pem exists already, and may be a key that is in use",
            "name another file with --file",
        ),
        Example(
            "the keyring has a key under 'schema-service' already, which may be in use",
            "name another service with --keyring",
        ),
    ),
    ProblemCode(
        "signing-key-missing",
        "The workspace's releases are signed, and the key isn't here.",
        Example(
            f"releases of this workspace are signed with {_KEYID}, and its private half is not configured here",
            "set key_env, key_file or key_keyring under [trust], or the variable SCHEMA_SERVICE_TRUST__KEY_FILE",
        ),
        Example(f"{_KEYS} has no current key to replace", "make the first one: schema-service key new"),
    ),
    ProblemCode(
        "signing-key-unknown",
        "The private key that is configured is not the current one of the workspace.",
        Example(
            f"the variable RELEASE_KEY holds the key {_KEYID}, which is not in {_KEYS}",
            f"configure the private half of the current key; {_KEYS} comes from version control, and "
            "`schema-service key new` or `key rotate` adds keys to it",
        ),
    ),
    ProblemCode(
        "signing-key-unreadable",
        "The private key can't be read, or is no key that signs releases.",
        Example(
            "the variable RELEASE_KEY does not hold an unencrypted ECDSA key on P-256 as PEM",
            "give it the whole file that `schema-service key new` wrote, line breaks included",
        ),
        Example(
            "the private key can't be read from /home/release/key.pem: No such file or directory",
            "correct key_file under [trust], or put the file there",
        ),
        Example(
            "the keyring has no key under 'schema-service', or doesn't answer without asking somebody",
            "unlock it and run this again, or correct key_keyring under [trust]",
        ),
        Example(
            "this machine has no keyring that keeps a key under 'schema-service'",
            "keep the key in a file instead: --file PATH",
        ),
    ),
    ProblemCode(
        "signing-key-unsafe",
        "A private key is kept, or would be, where others find it.",
        Example(
            "/work/shop/key.pem is in the workspace, which is committed: a private key must not be there",
            "keep it in a file outside, readable by its owner only, in the keyring or in a variable; if this one "
            "was committed, replace it: schema-service key rotate",
        ),
        Example(
            "/home/release/key.pem holds a private key, and other users can read or write it",
            "chmod 600 /home/release/key.pem; if others may have read it, replace it: schema-service key rotate",
        ),
    ),
    ProblemCode(
        "signing-keys-damaged",
        "The file with the public keys can't be read.",
        Example(
            f"{_KEYS} was changed by hand, or merged wrongly",
            "restore it from version control; `schema-service key list` shows what it says",
        ),
    ),
)
