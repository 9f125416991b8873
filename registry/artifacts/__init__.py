"""Where built artifacts and uploaded drafts are kept, by their digest: a folder, or S3-compatible storage."""
