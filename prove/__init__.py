"""The long figures: what the tests hold in small, measured in full."""
