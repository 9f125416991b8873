"""The pages of docs/reference that are made from the code: commands, settings, variables, the wire format."""
