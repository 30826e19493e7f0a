"""Who takes part in what: proposing, advising, deciding, waiting, attending; the path through roles. Pure."""
