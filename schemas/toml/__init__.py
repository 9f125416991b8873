"""TOML files as plain values, and every problem in them with line and column."""
