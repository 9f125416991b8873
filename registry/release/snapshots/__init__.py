"""The input of a release, frozen at its start: a version of a workspace, as its workflow stores it."""
