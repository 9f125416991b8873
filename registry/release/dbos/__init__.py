"""How DBOS keeps a release's workflow in the state database."""
