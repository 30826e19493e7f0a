"""What `locus verify` found, for people and for programs."""

from datetime import datetime

import msgspec

from services.audit.faults import LISTED, Fault


class Seen(msgspec.Struct, frozen=True):
    """A witness that has cosigned the checkpoint, and when."""

    witness: str
    at: datetime


class Signed(msgspec.Struct, frozen=True):
    """A checkpoint that was compared: the log's name and size it tells, and whose signatures hold."""

    origin: str
    size: int
    root: str
    signed_by: list[str]
    witnesses: list[Seen] = []


class Report(msgspec.Struct, frozen=True):
    """The verdict, `right` only if nothing is wrong; `faults` by last position, of `faults_in_all`."""

    verdict: str
    target: str
    ledger: str | None
    entries: int
    root: str | None
    checkpoints: list[Signed]
    fresh_as_of: datetime | None
    notes: list[str]
    faults: list[Fault]
    faults_in_all: int

    def told(self) -> str:
        """The report as lines of text."""
        lines = [
            f"ledger       {self.ledger or '–'}",
            f"entries      {self.entries:,}",
            f"root         {self.root or '–'}",
            *(_told(signed) for signed in self.checkpoints),
            *([f"fresh as of  {self.fresh_as_of:%Y-%m-%d %H:%M:%S} UTC"] if self.fresh_as_of else []),
            *(f"note         {note}" for note in self.notes),
            *(f"WRONG        {fault.told()}" for fault in self.faults),
        ]
        if self.faults_in_all > len(self.faults):
            lines.append(f"… the first {LISTED} of {self.faults_in_all:,}")
        return "\n".join([*lines, f"verdict      {self.verdict}"])


def _told(signed: Signed) -> str:
    keys = "".join(f"\n             signed by {key}" for key in signed.signed_by) or ", signature not checked"
    seen = "".join(
        f"\n             seen by {one.witness} at {one.at:%Y-%m-%d %H:%M:%S} UTC" for one in signed.witnesses
    )
    return f"checkpoint   size {signed.size:,} of {signed.origin}{keys}{seen}"
