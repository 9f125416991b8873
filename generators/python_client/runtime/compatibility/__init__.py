"""Which databases a client works on, and how its sessions say which version it has."""
