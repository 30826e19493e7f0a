"""What a witness cosigns, as C2SP tlog-witness has it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from services.platform.checkpoint import Checkpoint, hashes_of, number_of
from services.platform.merkle import EMPTY_ROOT, NotProven, check_consistency
from services.platform.note import BadNote, Note, Signature, Verifier

SIZE = "text/x.tlog.size"
_TEXT = "text/plain; charset=utf-8"

Logs = Mapping[str, Sequence[Verifier]]  # by origin: the keys trusted for it


class Refused(Exception):
    """The answer to a checkpoint that is not cosigned."""

    def __init__(self, status: int, body: str, media_type: str = _TEXT) -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.media_type = media_type


class Request(NamedTuple):
    """A checkpoint that somebody wants to have cosigned."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    head: Checkpoint


def logs_of(vkeys: Iterable[str]) -> Logs:
    """The logs to watch, by their keys; a log may have several. Raises BadNote."""
    logs: dict[str, list[Verifier]] = {}
    for vkey in vkeys:
        key = Verifier.parse(vkey)
        logs.setdefault(key.name, []).append(key)
    return logs


def parse(body: bytes) -> Request:
    """Old size, proof, an empty line, the checkpoint. Raises Refused."""
    try:
        head, parted, note = body.decode().partition("\n\n")
        first, *proof = head.split("\n")
        if not parted or not first.startswith("old "):
            raise BadNote("a request is: old <size>, the proof's hashes, an empty line, a checkpoint")
        signed = Note.parse(note)
        old = number_of(first.removeprefix("old "))
        return Request(old, hashes_of(proof), signed, Checkpoint.parse(signed.text))
    except UnicodeDecodeError:
        raise Refused(400, "the request is not text in UTF-8\n") from None
    except BadNote as error:
        raise Refused(400, f"{error}\n") from None


def signed_by(request: Request, logs: Logs) -> list[Signature]:
    """The signatures by keys of the log, one a key, all of them right. Raises Refused."""
    known = logs.get(request.head.origin)
    if known is None:
        raise Refused(404, "no log of this origin is watched here\n")
    try:
        return [signature for _, signature in request.note.signed_by(known)]
    except BadNote as error:
        raise Refused(403, f"{error}\n") from None


def check(request: Request, latest: Checkpoint | None) -> None:
    """Raise Refused unless the checkpoint has grown from the latest one that was cosigned."""
    old, proof, _, head = request
    if old > head.size:
        raise Refused(400, f"the checkpoint has {head.size} entries, less than the old size {old}\n")
    size, root = (latest.size, latest.root) if latest else (0, EMPTY_ROOT)
    if old != size:
        raise Refused(409, f"{size}\n", SIZE)
    try:
        if head.size == 0 and head.root != EMPTY_ROOT:
            raise NotProven("the root of the empty tree is another")
        check_consistency(old, head.size, proof, root, head.root)
    except NotProven as error:
        raise Refused(422, f"{error}\n") from None
