"""The codes of this room's problems: what each means, with examples.

Packing checks what generators wrote, so that most of its problems can only come from a bug in a generator.
"""

from __future__ import annotations

from typing import Final

from schemas.problem_code import Example, ProblemCode

_PYPROJECT = "pyproject.toml"
_PACKAGE_JSON = "package.json"
_SCHEMA = "schemas/1.0.0/schema.prisma"

GENERATORS_CODES: Final = (
    ProblemCode(
        "colliding-names",
        "Two names of the schema become the same name in a generated package.",
        Example(
            "'user_post' and 'UserPost' (line 8) differ only in upper case and underscores",
            'give it another name and keep the database\'s with @@map("user_post")',
            f"{_SCHEMA}:14:1",
        ),
        Example(
            "field 'from' is 'from_2' in Python, as 'from_' is another field",
            'give the field another name and keep the database\'s with @map("from")',
            f"{_SCHEMA}:10:3",
        ),
        Example(
            "value 'None_' becomes 'None_' in Python, which is another value's name",
            'give the value another name and keep the database\'s with @map("None_")',
            f"{_SCHEMA}:21:3",
        ),
        Example(
            "'Member' and 'User' are both named 'user' on the Python client",
            'give the model another @Python(instance_name: "...")',
            f"{_SCHEMA}:14:1",
        ),
    ),
    ProblemCode(
        "colliding-paths",
        "Two files of a package would be one file on a file system that ignores case or Unicode form.",
        Example(
            "dist/User.mjs and dist/user.mjs are the same file where case or Unicode form is ignored",
            "give the files names that differ in more than case",
        ),
    ),
    ProblemCode(
        "file-and-folder",
        "A package has a file and a folder of the same path.",
        Example("package/dist is both a file and a folder", "rename the file or the folder", "package/dist"),
    ),
    ProblemCode(
        "import-package-missing",
        "A wheel's sources don't contain the import package that its pyproject.toml names.",
        Example(
            "the tree has no schema_client/__init__.py",
            "generate the import package that pyproject.toml names",
        ),
    ),
    ProblemCode(
        "import-package-unknown",
        "A wheel's pyproject.toml doesn't name one import package.",
        Example(
            "the wheel's packages are not exactly one import name",
            'set packages = ["<import name>"] under [tool.hatch.build.targets.wheel]',
            _PYPROJECT,
        ),
    ),
    ProblemCode(
        "invalid-author",
        "An author's address is not an e-mail address.",
        Example("'orders team' is not an e-mail address", "write name@host", _PYPROJECT),
    ),
    ProblemCode(
        "invalid-description",
        "A package's description can't be shown on one line.",
        Example(
            "the description in package.json has control characters or is not text",
            "write it on one line",
            _PACKAGE_JSON,
        ),
    ),
    ProblemCode(
        "invalid-extra",
        "An extra in [project.optional-dependencies] has a name that pip does not accept.",
        Example("'a b' is not a name for an extra", "use letters and digits", _PYPROJECT),
    ),
    ProblemCode(
        "invalid-field",
        "A key of [project] has a value of the wrong type.",
        Example("'keywords' is not a list of strings", 'write ["…", "…"]', _PYPROJECT),
        Example("'urls' is not a table", "write label = 'address'", _PYPROJECT),
        Example("the label 'Docs, API' has a comma", "remove the comma", _PYPROJECT),
        Example("'authors' is not a list of tables", 'write [{name = "…"}]', _PYPROJECT),
        Example("'optional-dependencies' is not a table", 'write extra = ["…"]', _PYPROJECT),
    ),
    ProblemCode(
        "invalid-header",
        "A value would break the METADATA file of a wheel.",
        Example(
            "Summary has a line break or a control character, or is not text: 'Orders\\nand more'",
            "write it as one line of text",
            _PYPROJECT,
        ),
    ),
    ProblemCode(
        "invalid-license",
        "The license of a package is not an SPDX expression.",
        Example("license: Unknown license: 'mit-ish'", "write an SPDX expression, like MIT", _PYPROJECT),
    ),
    ProblemCode(
        "invalid-name",
        "A package's name is not one that its registry accepts.",
        Example(
            "'-orders-' is not a name for a Python distribution",
            "use letters, digits, '-', '_' and '.', with a letter or digit at both ends",
            _PYPROJECT,
        ),
        Example(
            "'@Shop/Orders' is not an npm package name",
            "use lower-case letters, digits, '-', '.' and '_', with or without an @scope/",
            _PACKAGE_JSON,
        ),
    ),
    ProblemCode(
        "invalid-requirement",
        "A dependency is not a requirement as in PEP 508.",
        Example(
            "'psycopg 3' in dependencies is not a requirement",
            "write it as in PEP 508, like psycopg>=3.2",
            _PYPROJECT,
        ),
    ),
    ProblemCode(
        "invalid-requires-python",
        "requires-python is not a version specifier.",
        Example("requires-python 'three' is not a version specifier", "write it like >=3.10", _PYPROJECT),
    ),
    ProblemCode(
        "invalid-script",
        "A console script does not name a function in a module.",
        Example("[project.scripts] is not a table", "write command = 'module:function'", _PYPROJECT),
        Example(
            "'migrate' = 'main' is not a console script", "write command = 'module:function'", _PYPROJECT
        ),
    ),
    ProblemCode(
        "lost-microseconds",
        "A column of times has more than three digits of a second. Postgres and the Python client keep them all, and "
        "so do Dates that the Node client or fromJson made; a copy, and what JSON.stringify makes of one, has milliseconds.",
        Example(
            "Event.at, Event.endedAt can hold microseconds, but in JavaScript copies of a Date, and what JSON.stringify makes of one, have milliseconds: what is written back from them has lost digits",
            "write @db.Timestamptz(3), or make JSON with toJson of the types package, or text with exactText of the Node client",
            f"{_SCHEMA}:14:3",
            severity="warning",
        ),
    ),
    ProblemCode(
        "manifest-incomplete",
        "A wheel's pyproject.toml has no [project] table.",
        Example("there is no [project] table", "add one", _PYPROJECT),
    ),
    ProblemCode(
        "manifest-missing",
        "A package's sources have no manifest.",
        Example("the tree has no package.json", "add one at the top", _PACKAGE_JSON),
        Example("the tree has no pyproject.toml", "add one", _PYPROJECT),
    ),
    ProblemCode(
        "manifest-unreadable",
        "A package's manifest can't be parsed.",
        Example(
            "package.json is not JSON: Expecting value: line 1 column 1 (char 0)",
            "write it as UTF-8 JSON",
            _PACKAGE_JSON,
        ),
        Example("package.json is not an object", "write one JSON object", _PACKAGE_JSON),
        Example(
            "pyproject.toml: Expected '=' after a key in a key/value pair (at line 1, column 6)",
            "write it as UTF-8 TOML",
            _PYPROJECT,
        ),
    ),
    ProblemCode(
        "missing-entry",
        "A package.json points to a file that the package does not contain.",
        Example(
            '"types" in package.json points to ./dist/index.d.cts, which is not in the package',
            "generate the file or drop the entry",
            _PACKAGE_JSON,
        ),
    ),
    ProblemCode(
        "name-mismatch",
        "A package's manifest has another name than the package.",
        Example(
            "package.json has the name '@org/orders', the package is '@org/schema-client'",
            "write the package's name",
            _PACKAGE_JSON,
        ),
        Example(
            "pyproject.toml has the name 'orders', the package is 'schema-client'",
            "write the package's name",
            _PYPROJECT,
        ),
    ),
    ProblemCode(
        "path-too-long",
        "A file's path is longer than common file systems can hold.",
        Example(
            f"the path package/dist/{'a' * 67}… is too long for some file systems (1042 bytes)",
            "keep each name within 255 bytes and each path within 1000",
        ),
    ),
    ProblemCode(
        "readme-missing",
        "A wheel's readme is not one of its files.",
        Example("the readme is not a Markdown file of the tree", 'set it to "README.md"', _PYPROJECT),
    ),
    ProblemCode(
        "readme-unreadable",
        "A wheel's readme is not text.",
        Example("README.md is not UTF-8", "save it as UTF-8", _PYPROJECT),
    ),
    ProblemCode(
        "reserved-name",
        "A model, field or enum value has a name that Prisma, a language or a generated package uses itself.",
        Example(
            "model 'Date' is a global type in TypeScript that Prisma's client needs",
            'give it another name and keep the database\'s with @@map("Date")',
            f"{_SCHEMA}:14:1",
        ),
        Example(
            "field 'constructor' is a member of every JavaScript object",
            'give the field another name and keep the database\'s with @map("constructor")',
            f"{_SCHEMA}:10:3",
        ),
        Example(
            "the instance_name 'my posts' of 'Post' is not a valid name in Python",
            'give the model another @Python(instance_name: "...")',
            f"{_SCHEMA}:14:1",
        ),
        Example(
            "'größe' has characters other than letters (A to Z), digits and underscores",
            'give the value another name and keep the database\'s with @map("größe")',
            f"{_SCHEMA}:21:3",
        ),
    ),
    ProblemCode(
        "unexpected-client",
        "Prisma's generator wrote something else than the Node package is built around.",
        Example(
            "Prisma's generator wrote a Node client of an unexpected form: index.js is missing",
            "use the pinned Prisma toolchain; if it is in use, report this with the schema",
        ),
        Example(
            "the licences of Prisma's runtime don't name @prisma/client",
            "use the pinned Prisma toolchain; if it is in use, report this with the schema",
        ),
    ),
    ProblemCode(
        "unsafe-path",
        "A file's path would leave the package, or some file system can't hold it.",
        Example(
            "'../.ssh/config' can't be the path of a file in a package",
            "use a relative path of plain characters, without '..', backslashes or colons",
        ),
    ),
    ProblemCode(
        "unshippable-file",
        "A package contains a file that npm never publishes.",
        Example("dist/.npmrc is never part of a published package", "remove it from the tree", "dist/.npmrc"),
    ),
    ProblemCode(
        "version-mismatch",
        "A package's manifest has another version than the package.",
        Example(
            "package.json has the version '1.0.0', the package is '2.0.0'",
            "write the package's version",
            _PACKAGE_JSON,
        ),
        Example(
            "pyproject.toml has the version '1.0.0', the package is '2.0.0'",
            "write the package's version",
            _PYPROJECT,
        ),
    ),
)
