"""Locus: an event-sourced decision ledger and the views read from it."""

__version__ = "0.1.0"
