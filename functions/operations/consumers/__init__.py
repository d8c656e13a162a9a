"""Functions that events wake, not requests."""
