"""How a database moves between versions: planning, rehearsing and running migrations."""
