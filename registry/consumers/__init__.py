"""Throw-away environments that install and import packages, and the commands for real consumers."""
