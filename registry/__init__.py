"""From packages to registries, and everything people and services talk to."""
