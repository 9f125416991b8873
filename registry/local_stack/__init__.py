"""Everything a workspace needs, on this machine: devpi, Verdaccio and Postgres, for `up` and `demo`."""
