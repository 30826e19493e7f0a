"""The views: one file a question asked of the facts."""
