"""Debriefs: looking back together."""

from schemas.types import Data, Holders, Ref, Texts


class Held(Data, frozen=True, kw_only=True):
    """People looked back on something."""

    about: Ref
    participants: Holders
    worked: Texts = ()
    failed: Texts = ()
    adjustments: Texts = ()
