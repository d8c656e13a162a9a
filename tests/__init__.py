"""The tests of Pawtime."""
