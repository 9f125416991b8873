"""The one check of a version, for `check`, `build` and `publish` alike."""
