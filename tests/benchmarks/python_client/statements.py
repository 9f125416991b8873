"""The SQL that a person would write for the operations, with psycopg's placeholders."""

from __future__ import annotations

import workloads

_NAMES = (*workloads.COLUMNS, "updated_at")

FIND_UNIQUE = 'SELECT * FROM "User" WHERE id = %s'
FIND_MANY = 'SELECT * FROM "Post" WHERE published = %s AND views < %s ORDER BY id DESC LIMIT %s'
FIFTY_USERS = 'SELECT * FROM "User" WHERE id >= %s ORDER BY id LIMIT 50'
THEIR_POSTS = 'SELECT * FROM "Post" WHERE author_id = ANY(%s)'
INSERT = f'INSERT INTO "Post" ({", ".join(_NAMES)}) VALUES ({", ".join(f"%({name})s" for name in _NAMES)})'
CREATE = f"{INSERT} RETURNING *"
UPDATE = 'UPDATE "User" SET name = %s, updated_at = %s WHERE id = %s RETURNING *'
