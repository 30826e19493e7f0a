"""Roots that somebody has told: checkpoints, answers, the service itself; and whom to believe. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from services.audit.faults import Faults
from services.audit.report import Seen, Signed
from services.platform.checkpoint import Checkpoint
from services.platform.note import BadNote, Note, Verifier
from services.platform.policy import Policy


class Claim(msgspec.Struct, frozen=True):
    """That the first `size` entries have this root; `who` told it, in words."""

    size: int
    root: bytes
    who: str
    kind: str = "checkpoint"
    ledger: str | None = None  # that it names, if it does


class Trust(msgspec.Struct, frozen=True):
    """Whose signatures are believed: a policy, and keys of logs given beside it."""

    policy: Policy = Policy()
    keys: tuple[Verifier, ...] = ()

    @property
    def anybody(self) -> bool:
        """Whether a signature can be checked at all."""
        return bool(self.keys or self.policy.logs)


def heard(
    data: bytes, who: str, trust: Trust, faults: Faults, origin: str | None = None
) -> tuple[Signed, Claim] | None:
    """A checkpoint: what it claims, and who has signed it. None: it cannot be read, which is a fault."""
    try:
        note = Note.parse(data)
        checkpoint = Checkpoint.parse(note.text)
    except BadNote as error:
        faults.add(0, "checkpoint", f"{who} cannot be read: {error}")
        return None
    if origin is not None and checkpoint.origin != origin:
        told = f"{who} is of the log {checkpoint.origin!r}, not of {origin!r}"
        faults.add(0, "checkpoint", told)
    signed, witnesses = _signers(note, checkpoint, who, trust, faults)
    told_by = Signed(checkpoint.origin, checkpoint.size, checkpoint.root.hex(), signed, witnesses)
    return told_by, Claim(checkpoint.size, checkpoint.root, who)


def _signers(
    note: Note, checkpoint: Checkpoint, who: str, trust: Trust, faults: Faults
) -> tuple[list[str], list[Seen]]:
    """Which keys signed, if any is known to us."""
    if not trust.anybody:
        return [], []
    try:
        _, times = trust.policy.check(note, trust.keys)
    except BadNote as error:
        faults.add(0, "checkpoint", f"{who}: {error}")
        return [], []
    known = {key for key in (*trust.policy.logs, *trust.keys) if key.name == checkpoint.origin}
    seen = [Seen(name, datetime.fromtimestamp(at, UTC)) for name, at in sorted(times.items())]
    return sorted(str(key) for key, _ in note.signed_by(known)), seen


def compare(
    claims: Sequence[Claim], roots: dict[int, bytes], size: int, faults: Faults, ledger: str | None = None
) -> None:
    """Each claim against the roots recomputed, the smallest first; `size`: how many entries there are."""
    good = 0
    for claim in sorted(claims, key=lambda claim: claim.size):
        if ledger is not None and claim.ledger not in (None, ledger):
            faults.add(0, claim.kind, f"{claim.who} is of the ledger {claim.ledger!r}, not of {ledger!r}")
        if claim.size > size:
            told = f"the entries end at position {size}, but {claim.who} tells of {claim.size}"
            faults.add(size + 1, claim.kind, told)
        elif roots.get(claim.size) == claim.root:
            good = claim.size
        elif claim.size in roots:
            told = f"the first {claim.size} entries do not have the root that {claim.who} tells"
            faults.add(min(good + 1, claim.size), claim.kind, told, claim.size)
