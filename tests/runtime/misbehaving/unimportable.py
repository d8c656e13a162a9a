"""A function whose module fails."""

raise ValueError("the secret is 42")
