"""What stands before the routes: names of hosts, rates, reading with a token only; and the audit log."""
