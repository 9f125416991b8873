"""What changes for those who use the packages: code before and after each change, and the changelog."""
