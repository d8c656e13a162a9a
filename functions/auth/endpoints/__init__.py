"""One file per path: each is one Lambda function."""
