"""Which things of two schemas are one, and the SQL that renames them."""
