"""What publint, Are the types wrong, TypeScript and twine say of packages before an upload."""
