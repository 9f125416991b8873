"""Lines and columns of keys in TOML."""

from __future__ import annotations

import pytest

from schemas.toml.toml_locations import location_of

TEXT = '''\
name = "x" # [name]
[packages]
\tpython_client = "a = b"
"a = b".c = 3
[registries.pypi]  # url = "here?"
url = "ftp://"
[ registries . npm ]
url="""
z = 1
"""
[databases."my.db"]
url_env = { a = 1, b = 2 }
[[many]]
key = 1
[[many]]
key = 2
[broken
'''


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), (1, 1)),
        (("packages",), (2, 1)),
        (("packages", "python_client"), (3, 2)),
        (("packages", "a = b", "c"), (4, 1)),
        (("registries",), (5, 1)),
        (("registries", "pypi", "url"), (6, 1)),
        (("registries", "npm", "url"), (8, 1)),
        (("databases", "my.db", "url_env", "b"), (12, 1)),
        (("many", "key"), (14, 1)),
        (("packages", "missing"), (2, 1)),
        (("missing", "key"), None),
        ((), None),
    ],
)
def test_a_key_is_found_or_what_is_above_it(path: tuple[str, ...], place: tuple[int, int] | None) -> None:
    assert location_of(TEXT, path) == place
