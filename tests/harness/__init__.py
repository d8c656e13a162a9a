"""What the tests stand on: engines with the template's table, a client that speaks payload 2.0, people."""
