"""Erasure: written by the ledger itself, on the actor's subject; publishers may not send it."""

from schemas.types import Data, Reason


class Erased(Data, frozen=True, kw_only=True):
    """A person's key was destroyed, and with it everything personal."""

    basis: Reason
