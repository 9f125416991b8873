"""Throw-away environments that install and import what was built, and the lines that real consumers paste."""
