"""`schema-service demo`: the whole job on real servers, in a folder that is thrown away."""
