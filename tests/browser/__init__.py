"""The pages in a real browser, on the whole local stack."""
