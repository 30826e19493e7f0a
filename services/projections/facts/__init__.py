"""The facts: what a subject's entries say, as rows valid over time and known over positions."""
