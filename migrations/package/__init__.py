"""What a migrations package ships: its manifest, and what its version is compatible with."""
