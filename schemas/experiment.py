"""Experiments: trying something within limits, and what it showed."""

from typing import Literal

from schemas.types import Data, InitiativeId, Limits, Moment, Reason, Text


class Started(Data, frozen=True, kw_only=True):
    """An experiment began."""

    initiative: InitiativeId | None = None
    hypothesis: Reason
    limits: Limits | None = None
    ends_at: Moment | None = None


class Concluded(Data, frozen=True, kw_only=True):
    """An experiment ended."""

    result: Literal["supported", "refuted", "inconclusive"]
    evidence: Text | None = None
