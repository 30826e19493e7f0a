"""A small log in memory, signed and in tiles, as an auditor meets it: for tests of bundles and checks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.audit.claims import Claim, Trust
from services.audit.evidence import make
from services.platform import tiles
from services.platform.checkpoint import Checkpoint
from services.platform.merkle import in_memory, leaf_hash, root
from services.platform.note import COSIGNATURE, Note, Signer, signed
from services.platform.policy import Policy

ORIGIN = "locus/acme-1"
LOG = Signer(ORIGIN, b"\1" * 32)
WITNESS = Signer("witness.example", b"\2" * 32, COSIGNATURE)
AT = 1_770_000_000


def line(position: int, **changes: Any) -> bytes:
    """An entry: every third is of the same subject."""
    subject = f"decision/d-{position % 3}"
    event = {
        "specversion": "1.0",
        "id": f"e-{position}",
        "source": "urn:test",
        "type": "locus.decision.executed.v1",
        "subject": subject,
        "time": "2026-01-01T00:00:00Z",
        "data": {"by": "a-1"},
    }
    told = {
        "format": 1,
        "ledger": "acme",
        "position": position,
        "recorded": f"2026-01-01T00:{position // 60 % 60:02}:{position % 60:02}Z",
        "version": (position + 2) // 3,
        "publisher": "forge",
        "event": event,
    }
    event |= changes.pop("event", {})
    return json.dumps(told | changes, separators=(",", ":")).encode()


class Site:
    """What `services.audit.website.Website` shows, without a service."""

    ledger = "acme"

    def __init__(self, entries: list[bytes], chosen: list[int] | None = None) -> None:
        self.entries = entries
        self.leaves = [leaf_hash(entry) for entry in entries]
        self.hashes = in_memory(self.leaves)
        self.chosen = chosen if chosen is not None else list(range(1, len(entries) + 1))

    def note(self, signer: Signer = LOG) -> Note:
        """The signed head, cosigned."""
        text = str(Checkpoint(ORIGIN, len(self.entries), root(len(self.entries), self.hashes)))
        return signed(text, [signer]).with_signatures([WITNESS.sign(text, AT)])

    def head(self) -> Claim:
        return Claim(len(self.entries), root(len(self.entries), self.hashes), "the site")

    def checkpoint(self) -> bytes | None:
        return str(self.note()).encode()

    def lines(self, filters: dict[str, str]) -> Iterator[bytes]:
        return (self.entries[position - 1] for position in self.chosen)

    def file(self, name: str) -> bytes | None:
        tile = tiles.parse(name)
        width = tiles.width_at(tile.level, tile.index, len(self.entries))
        if width < tile.width:
            return None
        first = tile.index * tiles.WIDTH
        return b"".join(self.hashes((tile.level * 8, first + at)) for at in range(tile.width))


def trust(signer: Signer = LOG) -> Trust:
    """The log's key and the witness's, which must have cosigned."""
    witnesses = {"outside": WITNESS.verifier}
    return Trust(Policy((signer.verifier,), witnesses, {}, "outside"))


def bundle(path: Path, entries: int = 300, chosen: list[int] | None = None) -> Path:
    """A bundle of some entries of a log."""
    site = Site([line(position) for position in range(1, entries + 1)], chosen)
    make(site, trust(), {}, path, lambda _: None)  # type: ignore[arg-type] — the same questions, other answers
    return path
