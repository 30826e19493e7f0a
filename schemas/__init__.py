"""The published language of Locus: every event type, the envelope and the registry."""
