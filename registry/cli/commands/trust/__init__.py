"""Keys, signatures, digests: the commands."""
