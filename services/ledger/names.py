"""What a ledger may be called. Pure."""

import re

from services.ledger.errors import LedgerUnknown

PATTERN = r"^[a-z][a-z0-9-]{1,62}\Z"
_matches = re.compile(PATTERN).match


def known_form(ledger: str) -> None:
    """Raises LedgerUnknown if no ledger can have this name: some the database could not even look for."""
    if _matches(ledger) is None:
        raise LedgerUnknown(ledger)
