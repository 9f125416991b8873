"""How a database gets from one version to another: planning, rehearsing and running migrations."""
