"""After a release: which version is `latest`, roll back, withdraw, restore, repair; and how it went."""
