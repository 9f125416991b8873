"""The folder a team keeps in git: find it, read its versions, draft new ones, seal published ones."""
