"""Locus: an event-sourced decision ledger and the views read from it."""
