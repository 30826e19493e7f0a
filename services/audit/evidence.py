"""Making an evidence bundle, from what a ledger's service shows to everybody who may read its history."""

import os
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile
from typing import IO, Annotated
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from services.audit.claims import Trust
from services.audit.lines import MAX_POSITION
from services.audit.website import Website
from services.failures import FAILED, REFUSED, UNKNOWN, CommandFailed
from services.platform import bundle
from services.platform.bundle_writing import Writer
from services.platform.checkpoint import Checkpoint, LogProof
from services.platform.merkle import Hashes, Node, NotProven, inclusion_proof, leaf_hash
from services.platform.note import BadNote, Note
from services.platform.policy import BadPolicy, Policy
from services.platform.tiles import BadTile, node_in, path, tile_of

_REMEMBERED = 1 << 14  # hashes of nodes: neighbouring entries share most of their proofs
_TILES = 64
_PATIENCE = 5.0  # seconds for what is recorded to be signed
_PAUSE = 0.1


class _Place(msgspec.Struct, frozen=True):
    position: Annotated[int, msgspec.Meta(ge=1)]


_place = msgspec.json.Decoder(_Place).decode


def make(
    site: Website, trust: Trust, filters: dict[str, str], target: Path, step: Callable[[int], None]
) -> tuple[bundle.Manifest, int]:
    """Write the bundle; every proof is checked on the way. Raises CommandFailed; then nothing has changed.

    Beside what it is about, the last position there was, which may not have been signed in time.
    """
    trust = trust if trust.anybody else Trust(_own_policy(site))
    last = site.head().size
    note, checkpoint = _head(_signed(site, last), trust)
    target = Path(os.path.realpath(target))  # a link stays, and leads to the bundle
    unfinished = target.with_name(f"evidence-{token_hex(8)}.new")
    try:
        with ZipFile(unfinished, "x", ZIP_DEFLATED, allowZip64=True) as out:
            manifest = _Maker(site, out, note, checkpoint).write(trust, filters, step)
        if not manifest.entries and target.exists():
            raise CommandFailed(f"no entry passed the filters: {target} stays as it was", UNKNOWN)
        unfinished.replace(
            target
        )  # if we crash before, there is half a file with another name, and no bundle
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest, last


def _own_policy(site: Website) -> Policy:
    """The keys the service itself names; whoever gets the bundle compares them with those they know."""
    try:
        return Policy.parse(site.file("policy") or b"quorum none\n")
    except BadPolicy as error:
        raise CommandFailed(f"the policy served cannot be read: {error}", FAILED) from None


def _signed(site: Website, last: int) -> bytes:
    """The checkpoint, once it is about `last` entries (within a second or so), or waited for in vain."""
    until = time.monotonic() + _PATIENCE
    served = site.checkpoint()
    while (served is None or _size(served) < last) and time.monotonic() < until:
        time.sleep(_PAUSE)
        served = site.checkpoint()
    if served is None:
        told = "the ledger signs no checkpoint, so nothing can be proven to others"
        raise CommandFailed(f"{told}; give it a key: locus key new FILE", REFUSED)
    return served


def _size(served: bytes) -> int:
    """Of the tree that is signed; as if it were all, where that cannot be read and is told of later."""
    try:
        return Checkpoint.parse(Note.parse(served).text).size
    except BadNote:
        return MAX_POSITION


def _head(served: bytes, trust: Trust) -> tuple[Note, Checkpoint]:
    try:
        note = Note.parse(served)
        Checkpoint.parse(note.text)
    except BadNote as error:
        raise CommandFailed(f"the checkpoint served cannot be read: {error}", FAILED) from None
    try:
        checkpoint, _ = trust.policy.check(note, trust.keys)
    except BadNote as error:
        raise CommandFailed(
            f"the checkpoint served is not what the keys given vouch for: {error}", REFUSED
        ) from None
    return note, checkpoint


class _Maker:
    """Writes what the service shows; the entries first, since the proofs follow them."""

    def __init__(self, site: Website, out: ZipFile, note: Note, checkpoint: Checkpoint) -> None:
        self._site = site
        self._writer = Writer(out)
        self._note = note
        self._head = checkpoint

    def write(self, trust: Trust, filters: dict[str, str], step: Callable[[int], None]) -> bundle.Manifest:
        """Everything."""
        with TemporaryFile(prefix="locus-evidence-") as places:
            entries = self._member(bundle.ENTRIES, self._entries(filters, places, step))
            places.seek(0)
            self._member(bundle.PROOFS, self._proofs(places))
        manifest = bundle.Manifest(
            1, self._site.ledger, self._head.origin, self._head.size, self._head.root.hex(), entries, filters
        )
        self._writer.end(manifest, str(self._note), _policy(trust))
        return manifest

    def _member(self, name: str, parts: Iterator[bytes]) -> int:
        """Write the parts of a member; how many there were."""
        count = 0
        with self._writer.member(name) as write:
            for part in parts:
                write(part)
                count += 1
        return count

    def _entries(
        self, filters: dict[str, str], places: IO[bytes], step: Callable[[int], None]
    ) -> Iterator[bytes]:
        """The chosen lines up to the checkpoint, verbatim; each one's place and leaf hash go to `places`."""
        for done, line in enumerate(self._site.lines(filters), 1):
            position = _place(line).position
            if position > self._head.size:
                return
            places.write(position.to_bytes(8, "big") + leaf_hash(line))
            yield line + b"\n"
            step(done)

    def _proofs(self, places: IO[bytes]) -> Iterator[bytes]:
        hashes = _from_tiles(self._site, self._head.size)
        while place := places.read(40):
            index, leaf = int.from_bytes(place[:8], "big") - 1, place[8:]
            proof = LogProof(index, tuple(inclusion_proof(index, self._head.size, hashes)), self._note)
            try:
                proof.check(leaf)
            except NotProven as error:
                told = (
                    f"the service shows an entry at position {index + 1} that its log does not hold: {error}"
                )
                raise CommandFailed(told, REFUSED) from None
            yield str(proof).encode()


def _from_tiles(site: Website, size: int) -> Hashes:
    """Hashes of nodes out of the tiles the service serves."""

    @lru_cache(_TILES)
    def fetched(name: str) -> bytes:
        tile = site.file(name)
        if tile is None:
            raise CommandFailed(f"the service does not give the {name} of its log", FAILED)
        return tile

    @lru_cache(_REMEMBERED)
    def hashed(node: Node) -> bytes:
        try:
            return node_in(node, fetched(path(tile_of(node, size))))
        except BadTile as error:
            raise CommandFailed(f"a tile of the log is wrong: {error}", FAILED) from None

    return hashed


def _policy(trust: Trust) -> bytes:
    given = trust.policy
    logs = (*given.logs, *(key for key in trust.keys if key not in given.logs))
    text = str(Policy(logs, given.witnesses, given.groups, given.quorum, given.urls))
    return text.encode("utf-8", "surrogateescape")
