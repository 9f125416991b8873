"""Publishing one version, in three parts (``publish.py`` calls them in order).

``snapshots/workspace_snapshot.py`` freezes it. ``workflow.py`` runs the release on that snapshot: a durable
workflow of small steps (``steps/``), each of which stores its result, and none of which reads the workspace.
``seal.py`` seals the version.
"""
