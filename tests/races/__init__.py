"""Requests that cross: every order of their calls, many at once, and index reads that come late."""
