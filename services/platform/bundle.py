"""An evidence bundle, one zip: what the ledger and `locus evidence` write and `locus verify` reads. Pure."""

from importlib.resources import files
from string import Template

import msgspec

README = "README.txt"
SUMS = "SHA256SUMS"
CHECKPOINT = "checkpoint"
POLICY = "policy"
MANIFEST = "manifest.json"
ENTRIES = "entries.ndjson"
PROOFS = "proofs.txt"
SUMMED = (README, CHECKPOINT, POLICY, MANIFEST, ENTRIES, PROOFS)  # in this order in SHA256SUMS
MEMBERS = (*SUMMED, SUMS)
PROOF_BEGINS = b"c2sp.org/tlog-proof@v1\n"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the bundle is about. `filters`: what its maker asked for, which nothing proves."""

    bundle: int
    ledger: str
    origin: str
    size: int
    root: str
    entries: int
    filters: dict[str, str]

    def encoded(self) -> bytes:
        """The one way of writing it."""
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"


def instructions(manifest: Manifest) -> bytes:
    """The page that tells how to check the bundle, with our tool and with others.

    Bundles of version 1 hold this very page, and are compared with it: another one makes a version 2.
    """
    text = Template((files("services.platform") / "instructions.txt").read_text())
    asked = " ".join(f"{name}={value}" for name, value in manifest.filters.items())
    return text.substitute(
        ledger=manifest.ledger,
        origin=manifest.origin,
        entries=manifest.entries,
        size=manifest.size,
        root=manifest.root,
        filters=asked or "none: every entry up to the checkpoint",
    ).encode()


def sums(digests: dict[str, bytes]) -> bytes:
    """Each member's SHA-256, as `sha256sum -c` reads them."""
    return "".join([f"{digests[name].hex()}  {name}\n" for name in SUMMED]).encode()
