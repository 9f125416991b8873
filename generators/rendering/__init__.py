"""Text of generated files: templates, and the only functions that untrusted text may enter them through."""
