"""TOML files as plain values, with every mistake's line and column."""
