"""Where, when and with whom: candidates, likes and matches."""
