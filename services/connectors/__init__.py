"""Clients that read other systems and publish what they find as events."""


class Unreadable(Exception):
    """What was given is not what a connector reads; the message says what is wrong, and what to do."""
