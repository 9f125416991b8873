"""What the settings say: registries, credentials, and where this machine gets packages from."""
