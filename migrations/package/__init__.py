"""The content of a migrations package: its manifest, and the versions that it is compatible with."""
