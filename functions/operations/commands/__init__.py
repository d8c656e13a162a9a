"""Functions that operators call by name; no route leads to them."""
