"""Organisations with nothing planted, each unlike the next, written from the published language alone."""
