"""The Schema API: versions, their schemas in several forms, changelogs, differences, what fits what."""
