"""The form that wheels are uploaded with: twine's, without importing the part of twine that sends it."""

from __future__ import annotations

from typing import Any

from twine.repository import Repository

from registry.publishers.pypi import _form_fields


def test_the_form_has_the_fields_that_twine_sends() -> None:
    metadata: dict[str, Any] = {
        "name": "shop-client",
        "version": "1.0.0",
        "keywords": ["schema", "client"],
        "project_urls": {"Source": "https://git.example/shop", "Docs": "https://docs.example"},
        "requires_dist": ["pydantic>=2", "psycopg>=3.2; extra == 'blocking'"],
        "classifiers": [],
        "description": "Ü\n\nlines",
        "sha256_digest": "0" * 64,
    }
    assert list(_form_fields(metadata)) == Repository._convert_metadata_to_list_of_tuples(metadata)  # type: ignore[arg-type]
