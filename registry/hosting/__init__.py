"""Several schemas in one service: each is a workspace of its own, and one of them has the short routes."""
