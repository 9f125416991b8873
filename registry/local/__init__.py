"""devpi, Verdaccio and Postgres on this machine, as child processes, for `up`, `demo` and tests."""
