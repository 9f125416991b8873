"""`schema-service demo`: everything on real servers, in a folder that is thrown away."""
