"""The API against a plain model of what it should do."""
