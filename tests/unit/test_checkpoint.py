"""Checkpoints and proofs of one entry, as text: read strictly, checked whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.platform import merkle, note
from services.platform.checkpoint import Checkpoint, LogProof
from services.platform.merkle import NotProven
from services.platform.note import BadNote, Signer
from tests.unit.test_merkle_proofs import leaves_of, tree

LOG = Signer("example.org/log", bytes(range(32)))
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_specification_s_example_is_read_and_written_back() -> None:
    text = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
    head = Checkpoint.parse(text)
    assert (head.origin, head.size, head.root[:2].hex()) == (
        "example.com/behind-the-sofa",
        20_852_163,
        "0ac5",
    )
    assert str(head) == text


def test_extension_lines_are_kept() -> None:
    text = f"o\n0\n{ROOT}\nmore\nand more\n"
    assert Checkpoint.parse(text).extensions == ("more", "and more")
    assert str(Checkpoint.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n١\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n9223372036854775808\n{ROOT}\n",
        f"o\n1\n{ROOT[:-5]}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\nmore\n\nmore\n",
    ],
)
def test_what_is_not_written_as_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote, match=r"checkpoint|decimal|base64"):
        Checkpoint.parse(text)


def proof_of(index: int, size: int, extra: bytes = b"") -> LogProof:
    head = Checkpoint(LOG.name, size, merkle.root(size, tree(size)))
    return LogProof(
        index, tuple(merkle.inclusion_proof(index, size, tree(size))), note.signed(str(head), [LOG]), extra
    )


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_a_proof_is_written_read_back_and_holds(case: tuple[int, int]) -> None:
    index, size = case
    proof = proof_of(index, size, extra=b"e" * (index % 3))
    read = LogProof.parse(str(proof).encode())
    assert read == proof
    read.check(leaves_of(size)[index])
    with pytest.raises(NotProven, match=f"the leaf at index {index}"):
        read.check(bytes(32))


def test_a_proof_looks_as_the_specification_shows_it() -> None:
    lines = str(proof_of(2, 3, b"hello")).split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra aGVsbG8=", "index 2"]
    assert lines[4:7] == ["", "example.org/log", "3"]


@given(st.data())
def test_a_proof_with_a_bit_changed_is_not_believed(data: st.DataObject) -> None:
    whole = bytearray(str(proof_of(5, 9)).encode())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((BadNote, NotProven)):
        believe(bytes(whole), leaves_of(9)[5])


def believe(proof: bytes, leaf: bytes) -> None:
    read = LogProof.parse(proof)
    read.note.signed_by([LOG.verifier])
    read.check(leaf)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"), "begins with"),
        (("index 1", "index 01"), "leading zeros"),
        (("index 1\n", ""), "entry's index"),
        (("index 1", "extra \nindex 1"), "base64"),
        (("index 1", "extra AAAA\nextra AAAA\nindex 1"), "entry's index"),
        (("index 1", "index 1\nAAAA"), "base64"),
    ],
)
def test_what_is_not_written_as_a_proof_is_refused(change: tuple[str, str], why: str) -> None:
    with pytest.raises(BadNote, match=why):
        LogProof.parse(str(proof_of(1, 3)).replace(*change))
