"""A witness of other people's logs: it cosigns what has grown from what it saw, and nothing else."""
