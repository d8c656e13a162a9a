"""What the template, the code and the documents have promised one another."""
