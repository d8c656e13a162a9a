"""What every endpoint shares: the Api, the table, identity, errors. It knows no domain."""
