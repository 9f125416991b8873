"""Which things of two schemas are the same, and the SQL that renames them."""
