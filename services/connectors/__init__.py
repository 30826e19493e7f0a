"""Clients that read other systems and publish what they find as events."""
