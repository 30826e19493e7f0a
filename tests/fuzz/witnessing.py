"""What a witness is asked, and what it answers."""

import tempfile
from hashlib import sha256
from pathlib import Path

from hypothesis import strategies as st

from services.ledger import witnesses
from services.platform.checkpoint import Checkpoint, hash_lines
from services.platform.merkle import consistency_proof, root
from services.platform.note import Note, Signer, signed
from services.witness import rules
from services.witness.main import Witness
from services.witness.rules import Refused
from tests.fuzz.hunting import Property, inputs
from tests.fuzz.proofs import HASHES, LOG, NOTES, OTHER, WITNESSES, WORDS

AT = 1_770_000_000
ASKED = witnesses.Witness(WITNESSES[0].verifier, "http://127.0.0.1")
NOTE = Note.parse(NOTES[3])


def _request(old: int, size: int, signer: Signer = LOG) -> bytes:
    head = Checkpoint(LOG.name, size, root(size, HASHES))
    proof = consistency_proof(old, size, HASHES) if old else []
    return f"old {old}\n{hash_lines(proof)}\n{signed(str(head), [signer])}".encode()


REQUESTS = [_request(old, size) for old, size in [(0, 1), (0, 3), (1, 3), (3, 7), (7, 7), (0, 0), (1, 7)]]
REQUESTS += [_request(0, 3, OTHER.named(LOG.name)), _request(0, 3, OTHER)]
_COSIGNED = [
    WITNESSES[0].sign(NOTE.text, AT).line().encode(),
    WITNESSES[1].sign(NOTE.text, AT).line().encode(),
]


def request(body: bytes) -> None:
    """Read in its one way of writing, or refused in a sentence."""
    try:
        read = rules.parse(body)
    except Refused as refused:
        _is(refused, 400)
        return
    assert f"old {read.old}\n{hash_lines(read.proof)}\n{read.note}".encode() == body


def asked(bodies: list[bytes]) -> None:
    """Whatever is asked in a row, it vouches for one history, which only grows, and never otherwise."""
    with tempfile.TemporaryDirectory() as directory:
        witness = Witness(WITNESSES[0], {LOG.name: [LOG.verifier]}, Path(directory), now=lambda: AT)
        before = 0
        for body in bodies:
            try:
                line = witness.add(body)
            except Refused as refused:
                _is(refused, 400, 403, 404, 409, 422)
                continue
            kept = Note.parse(witness.latest(sha256(LOG.name.encode()).hexdigest()) or "")
            kept.signed_by([LOG.verifier])
            assert line == kept.signatures[-1].line()
            head = Checkpoint.parse(kept.text)
            assert head.size >= before
            assert head.root == root(head.size, HASHES)
            before = head.size


def _is(refused: Refused, *statuses: int) -> None:
    assert refused.status in statuses
    assert refused.body.encode().endswith(b"\n")


def answer(body: bytes) -> None:
    """Only a cosignature by the witness's key over this text is taken."""
    try:
        line = witnesses._cosignature(200, body, NOTE, ASKED)
    except (ValueError, witnesses._Refusal):
        return
    assert line.line().encode() == _COSIGNED[0]


PROPERTIES = {
    "request to a witness": Property(inputs(REQUESTS, [b"old ", *WORDS]), request),
    "requests in a row": Property(
        st.lists(st.sampled_from(REQUESTS) | inputs(REQUESTS, [b"old ", *WORDS]), max_size=5), asked
    ),
    "answer of a witness": Property(inputs([*_COSIGNED, b"".join(_COSIGNED)], WORDS), answer),
}
