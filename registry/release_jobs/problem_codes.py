"""The codes of what goes wrong with drafts and releases over the API: what each means, with examples."""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

RELEASE_JOBS_CODES: Final = (
    ProblemCode(
        "artifact-store-unavailable",
        "The storage that [artifacts] names doesn't answer, or refuses to read or write.",
        Example(
            "the artifacts at s3://builds/schema can't be read or written: Generic S3 error: no such bucket",
            "check [artifacts] url, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that the bucket exists, then run this again",
        ),
        Example(
            "the artifacts in /mnt/artifacts can't be read or written: Permission denied",
            "correct [artifacts] url, or let the user of the service write there",
        ),
    ),
    ProblemCode(
        "checkout-failed",
        "git could not read the checkout that [publishing] names, or could not fetch.",
        Example(
            "git fetch failed in the checkout: fatal: could not read from remote repository",
            "run it in the checkout on the server, as the user of the service",
        ),
        Example(
            "[publishing] checkout '../schemas' is no clone that can be used: fatal: not a git repository",
            "name the folder of a clone, from this file's folder, which the user of the service may read",
            "schema-service.toml",
        ),
        Example(
            "[publishing] fetch: the checkout has no remote 'upstream'",
            "name one that `git remote` lists there, or leave it out",
            "schema-service.toml",
        ),
    ),
    ProblemCode(
        "checkout-not-set",
        "A draft was asked for by a ref, and the service has no checkout.",
        Example(
            "no checkout is configured, so a ref names nothing here",
            'on the server: [publishing] checkout = "…", or upload the files as an archive',
        ),
    ),
    ProblemCode(
        "git-not-found",
        "A draft was asked for by a ref, and the program git isn't there.",
        Example(
            "git is not installed where the service runs",
            "install git there, or upload the files as an archive",
        ),
    ),
    ProblemCode(
        "invalid-ref",
        "What was given is no name of a branch, a tag or a commit.",
        Example(
            "this is no name of a branch, a tag or a commit: '--upload-pack=x'",
            "write it as main, v2.0.0, refs/heads/main, refs/tags/v2.0.0 or the 40 digits of a commit",
        ),
    ),
    ProblemCode(
        "job-is-publishing",
        "A release job that has begun to publish can't be cancelled: consumers might see it in part.",
        Example(
            "release job d011ac73701a has begun to publish, and has to be finished: consumers might see it in "
            "part",
            "wait until it is over, or try it again if it failed; then withdraw the version if nobody should "
            "use it",
        ),
    ),
    ProblemCode(
        "release-cancelled",
        "A release job was cancelled before it published anything.",
        Example(
            "release job d011ac73701a was cancelled before anything was published",
            "publish it again if it is wanted after all: POST /releases/d011ac73701a/retry",
        ),
    ),
    ProblemCode(
        "no-such-upload",
        "No draft of the version was uploaded, or none with that digest.",
        Example(
            "there is no upload of 2.0.0",
            "upload it first: PUT /drafts/2.0.0; GET /drafts lists what there is",
        ),
    ),
    ProblemCode(
        "unknown-ref",
        "The checkout has nothing of that name.",
        Example(
            "the checkout has no branch, tag or commit 'v2.0.0'",
            "push it first; [publishing] fetch names the remote that the checkout fetches from",
        ),
    ),
    ProblemCode(
        "upload-differs",
        "An archive of a workspace has a published version with other content than was published.",
        Example(
            "the archive has another 1.0.0 than was published",
            "bring back schemas/1.0.0 as it was published, and put changes into a new version",
        ),
    ),
    ProblemCode(
        "upload-lost",
        "What was uploaded is not in the storage of artifacts any more, or is damaged there.",
        Example(
            "the files of upload 4bf92f3577b3 are not in the store of artifacts any more",
            "upload them again; [artifacts] url has to be the same for every server and worker",
        ),
    ),
    ProblemCode(
        "upload-too-large",
        "An archive has more in it than is taken.",
        Example(
            "'schemas/2.0.0/migrations/004_data/up.sql' in the archive has more than 16777216 bytes",
            "keep bulk data out of the schema and its migrations",
        ),
        Example(
            "the archive has more than 10000 files, or more than 67108864 bytes unpacked",
            "send the folder of the version, or only schemas/ of the workspace",
        ),
    ),
    ProblemCode(
        "upload-unknown-file",
        "A version's folder in an archive has a file that no version has.",
        Example("schemas/2.0.0/notes.txt is no file of a version", "leave it out of the archive"),
    ),
    ProblemCode(
        "upload-unknown-release",
        "An archive has a sealed version that this service knows nothing of.",
        Example(
            "the archive has 1.0.0 with a release.lock, and this service knows of no such release",
            "if another machine has published it, run on the server: schema-service repair",
        ),
    ),
    ProblemCode(
        "upload-unreadable",
        "What was uploaded is no archive, or a damaged one.",
        Example(
            "what was uploaded is no archive",
            "send a zip, a tar or a tar.gz: git archive --format=tar.gz HEAD",
        ),
        Example(
            "the archive can't be read: it ends too early",
            "make it again, without a password, and send all of it",
        ),
    ),
    ProblemCode(
        "upload-unsafe",
        "An archive has something that is not a plain file with a plain name.",
        Example(
            "the archive has a link or a device: 'schemas/2.0.0/schema.prisma'", "put the file itself there"
        ),
        Example(
            "the archive has a file whose name is not taken: '../schema.prisma'",
            "use relative paths in UTF-8 without `..`, backslashes, colons or control characters, of at most 300 characters",
        ),
        Example(
            "the archive has 'schema.prisma' and 'Schema.prisma': one file for some machines",
            "leave one of the two out",
        ),
    ),
    ProblemCode(
        "upload-without-version",
        "An archive doesn't have the version that it was uploaded for.",
        Example(
            "the archive has no schema of 2.0.0: at its top is README.md, src",
            "pack the folder schemas/2.0.0 or the whole workspace",
        ),
    ),
)
