"""Knots: named patterns worth a conversation, each found in a history and shown with its entries.

One file a pattern or a small family of them, with `PATTERNS = (Pattern(…),)`, which is found by looking.
"""
