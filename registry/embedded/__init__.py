"""Real registries on this machine, as child processes: devpi for Python, Verdaccio for npm."""
