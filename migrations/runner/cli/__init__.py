"""The command line of a migrations package."""
