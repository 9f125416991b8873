"""Whether a published version is what its workspace, the catalogue and the registries say, and who signed it.

Each place where a byte could have been changed is compared with another one, and named where they differ.
"""
