"""The TypeScript types target: models, enums, inputs and JSON conversion for front ends; no dependencies."""
