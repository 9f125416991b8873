"""Tokens that CI systems sign for their jobs (OpenID Connect)."""
