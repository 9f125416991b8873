"""Every migration, up and down on a scratch Postgres with rows in it, before anyone else runs it."""
