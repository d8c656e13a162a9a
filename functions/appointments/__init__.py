"""Playdates and care: one calendar per pet."""
