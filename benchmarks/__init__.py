"""Measures a search for company beside other ways to do the same, and prints what each costs."""
