"""Built functions in the real Lambda runtime."""
