"""Checking a ledger from outside, and what an auditor takes away; uses nothing of the ledger's own code."""
