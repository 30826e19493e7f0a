"""Signed notes: the specifications' own examples, and everything that must not pass for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.platform import note
from services.platform.note import COSIGNATURE, BadNote, Note, NotSigned, Signature, Signer, Verifier

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7"
    "Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
LOG = Signer("example.org/log", bytes(range(32)))
WITNESS = Signer("witness.example/w1", bytes(range(1, 33)), COSIGNATURE)
TEXT = "example.org/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_specification_s_example_is_read_and_its_signature_holds() -> None:
    key = Verifier.parse(VKEY)
    assert str(key) == VKEY
    read = Note.parse(EXAMPLE.encode())
    assert [found for found, _ in read.signed_by([key])] == [key]
    assert str(read) == EXAMPLE


def test_a_key_is_written_and_read_back_and_never_shown() -> None:
    for signer in (LOG, WITNESS):
        assert Signer.parse(signer.secret()) == signer
        assert Verifier.parse(str(signer.verifier)) == signer.verifier
        assert signer.seed.hex() not in repr(signer)
        assert repr(signer.seed) not in repr(signer)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_what_is_signed_can_be_read_and_holds(text: str) -> None:
    body = text + "\n"
    try:
        made = note.signed(body, [LOG])
    except BadNote:
        assert any(one < " " and one != "\n" for one in text)
        return
    assert Note.parse(str(made).encode()).signed_by([LOG.verifier])[0][0] == LOG.verifier


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_in_one_way_or_refused(data: bytes) -> None:
    try:
        read = Note.parse(data)
    except BadNote:
        return
    assert str(read).encode() == data


@given(st.integers(0, len(EXAMPLE.encode()) - 1), st.integers(0, 7))
def test_an_example_with_one_bit_changed_is_never_believed(at: int, bit: int) -> None:
    changed = bytearray(EXAMPLE.encode())
    changed[at] ^= 1 << bit
    with pytest.raises(BadNote):
        Note.parse(bytes(changed)).signed_by([Verifier.parse(VKEY)])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no signatures\n", "an empty line"),
        ("text\n\n", "each with its newline"),
        ("text\n\n— a AAAAAAA=", "each with its newline"),
        ("text\n\n- a AAAAAAA=\n", "not a signature line"),
        ("text\n\n— a\tb AAAAAAA=\n", "no control characters"),
        ("text\n\n— a+b AAAAAAA=\n", "not a signature line"),
        ("text\n\n—  AAAAAAA=\n", "not a signature line"),
        ("text\n\n— a\u2003b AAAAAAA=\n", "not a signature line"),
        ("text\n\n— a AAAAAA==\n", "too short"),
        ("text\n\n— a AAAAAAB=\n", "is not the base64"),
        ("text\n\n— a AAAA AAA=\n", "not base64"),
        ("text\n\n— a *\n", "not base64"),
        ("te\rxt\n\n— a AAAAAAA=\n", "no control characters"),
        ("text\n\n" + "— a AAAAAAA=\n" * 65, "65 signatures"),
        ("x" * (1 << 20) + "\n\n— a AAAAAAA=\n", "at most 1048576"),
    ],
)
def test_what_is_not_written_as_a_note_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadNote, match=why):
        Note.parse(text)


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(BadNote, match="UTF-8"):
        Note.parse(b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n")


def test_signatures_of_strangers_are_passed_over_but_are_not_enough() -> None:
    both = note.signed(TEXT, [LOG, LOG.named("example.org/other")])
    assert [key for key, _ in both.signed_by([LOG.verifier])] == [LOG.verifier]
    with pytest.raises(NotSigned, match="no key that is trusted"):
        both.signed_by([LOG.named("example.org/third").verifier])


def test_a_wrong_signature_in_a_trusted_name_spoils_the_note() -> None:
    good = note.signed(TEXT, [LOG])
    forged = Signature(LOG.name, LOG.verifier.key_id, bytes(64))
    with pytest.raises(BadNote, match=r"signature of example.org/log \([0-9a-f]{8}\) is wrong"):
        good.with_signatures([forged]).signed_by([LOG.verifier])


def test_a_key_that_signed_twice_is_counted_once_and_both_must_be_right() -> None:
    twice = note.signed(TEXT, [LOG, LOG])
    assert twice.signed_by([LOG.verifier]) == [(LOG.verifier, twice.signatures[0])]
    forged = Signature(LOG.name, LOG.verifier.key_id, bytes(64))
    for lines in ((LOG.sign(TEXT), forged), (forged, LOG.sign(TEXT))):
        with pytest.raises(BadNote, match="is wrong"):
            Note(TEXT, lines).signed_by([LOG.verifier])


def test_a_cosignature_says_when_and_binds_it() -> None:
    witnessed = note.signed(TEXT, [LOG]).with_signatures([WITNESS.sign(TEXT, 1_700_000_000)])
    ((_, line),) = witnessed.signed_by([WITNESS.verifier])
    assert note.cosigned_at(line) == 1_700_000_000
    later = Signature(line.name, line.key_id, (1_700_000_001).to_bytes(8, "big") + line.value[8:])
    assert not WITNESS.verifier.accepts(TEXT, later)
    assert not WITNESS.verifier.accepts(TEXT + "x\n", line)


def test_the_specification_s_cosignature_is_written_as_there() -> None:
    line = Signature.parse(
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nP"
        "Zqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    )
    assert note.cosigned_at(line) == 1_679_315_147


def test_a_cosignature_beyond_the_end_of_time_is_refused() -> None:
    value = (1 << 63).to_bytes(8, "big") + bytes(64)
    assert not WITNESS.verifier.accepts(TEXT, Signature(WITNESS.name, WITNESS.verifier.key_id, value))


def test_a_log_s_signature_does_not_pass_for_a_cosignature_of_the_same_key() -> None:
    same = Signer(LOG.name, LOG.seed, COSIGNATURE)
    assert same.verifier.key_id != LOG.verifier.key_id
    assert not LOG.verifier.accepts(TEXT, same.sign(TEXT, 5))


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "not written as"),
        ("a b+00000000+AAAA", "not written as"),
        ("name+530d903a", "not written as"),
        (VKEY[:-4], "does not hold a key"),
        (VKEY.replace("530d903a", "530d903b"), "belongs to another key"),
        (VKEY.replace("530d903a", "530D903A"), "belongs to another key"),
        (VKEY.replace("+Ae", "+Be"), "a key of type 5"),
        (VKEY.replace("example.com/foo", "example.com/bar"), "belongs to another key"),
    ],
)
def test_what_is_not_written_as_a_key_is_refused(key: str, why: str) -> None:
    with pytest.raises(BadNote, match=why):
        Verifier.parse(key)


def test_a_private_key_that_cannot_be_read_is_not_repeated_in_the_message() -> None:
    secret = LOG.secret()
    for wrong in (secret[:-1], secret.replace("/log", "/lag"), secret.replace("example", "elpmaxe")):
        with pytest.raises(BadNote) as told:
            Signer.parse(wrong)
        assert secret[-20:-2] not in str(told.value)
