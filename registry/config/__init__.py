"""What the settings say: registries, credentials, and where this machine downloads packages from."""
