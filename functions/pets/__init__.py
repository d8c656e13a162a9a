"""Pets and the cards by which others find them."""
