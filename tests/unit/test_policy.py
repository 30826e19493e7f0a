"""Policies: the specification's example, its rules, and what a checkpoint needs to pass."""

import pytest

from services.platform import note
from services.platform.checkpoint import Checkpoint
from services.platform.note import COSIGNATURE, BadNote, NotSigned, Signer
from services.platform.policy import BadPolicy, Group, Policy

LOG = Signer("example.org/log", bytes(range(32)))
WITNESSES = {
    name: Signer(f"{name}.example", bytes([number] * 32), COSIGNATURE)
    for number, name in enumerate(("X1", "X2", "X3", "Y1", "Y2", "Y3"), 1)
}
LINES = [
    "# whom we trust",
    f"log {LOG.verifier} https://log.example",
    "",
    *[f"\twitness  {name} {one.verifier}" for name, one in WITNESSES.items()],
    "group X-witnesses 2 X1 X2 X3",
    "group Y-witnesses any Y1 Y2 Y3",
    "group X-and-Y all X-witnesses Y-witnesses",
    "quorum X-and-Y",
]
CHECKPOINT = Checkpoint(LOG.name, 7, bytes(32))


def policy(*lines: str) -> Policy:
    return Policy.parse("\n".join(lines).encode() + b"\n")


def cosigned(*names: str) -> note.Note:
    text = str(CHECKPOINT)
    return note.signed(text, [LOG]).with_signatures([WITNESSES[name].sign(text, 1_000) for name in names])


def test_the_specification_s_example_is_read_and_written_back() -> None:
    read = policy(*LINES)
    assert list(read.witnesses) == list(WITNESSES)
    assert read.groups["X-and-Y"] == Group(2, ("X-witnesses", "Y-witnesses"))
    assert read.urls == {LOG.name: "https://log.example"}
    assert Policy.parse(str(read).encode()) == read


@pytest.mark.parametrize("names", [("X1", "X3", "Y2"), ("X1", "X2", "X3", "Y1", "Y2", "Y3")])
def test_a_quorum_of_witnesses_is_enough(names: tuple[str, ...]) -> None:
    head, times = policy(*LINES).check(cosigned(*names))
    assert head == CHECKPOINT
    assert times == dict.fromkeys(names, 1_000)


@pytest.mark.parametrize("names", [(), ("X1", "Y1"), ("X1", "X2", "X3"), ("Y1", "Y2", "Y3")])
def test_fewer_are_not(names: tuple[str, ...]) -> None:
    with pytest.raises(NotSigned, match="not the quorum 'X-and-Y'"):
        policy(*LINES).check(cosigned(*names))


def test_without_a_quorum_the_log_s_signature_is_enough_but_needed() -> None:
    alone = policy(f"log {LOG.verifier}", "quorum none")
    assert alone.check(cosigned()) == (CHECKPOINT, {})
    with pytest.raises(NotSigned, match="no key that is trusted"):
        policy("quorum none").check(cosigned())
    assert policy("quorum none").check(cosigned(), [LOG.verifier])[0].size == 7


def test_a_log_vouches_only_for_its_own_name() -> None:
    other = str(Checkpoint("example.org/other", 7, bytes(32)))
    with pytest.raises(NotSigned, match="no key that is trusted"):
        policy(f"log {LOG.verifier}", "quorum none").check(note.signed(other, [LOG]))


def test_witnesses_cannot_stand_in_for_the_log() -> None:
    text = str(CHECKPOINT)
    forged = note.Note(text, (WITNESSES["X1"].sign(text, 1),))
    with pytest.raises(NotSigned, match="is trusted for"):
        policy(f"log {LOG.verifier}", LINES[3], "quorum X1").check(forged)


def test_a_forged_cosignature_spoils_the_checkpoint() -> None:
    good = cosigned("X1")
    line = note.Signature(good.signatures[1].name, good.signatures[1].key_id, bytes(72))
    with pytest.raises(BadNote, match="is wrong"):
        policy(*LINES[1:6], "quorum none").check(good.with_signatures([line]))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "says its quorum"),
        (["quorum none", "quorum none"], "line 2: there is one quorum line"),
        (["quorum X1"], "line 1: 'X1' is not a witness or group of a line above"),
        (["group g any", "quorum none"], "line 1: any of 0 members"),
        ([LINES[3], "group g 2 X1", "quorum none"], "line 2: 2 of 1 members"),
        ([LINES[3], "group g 0 X1", "quorum none"], "line 2: 0 of 1 members"),
        ([LINES[3], "group g ² X1", "quorum none"], "line 2: '²' is not all, any or a number"),
        ([LINES[3], "group g any X1", "group h any X1", "quorum none"], "line 3: 'X1' is a member already"),
        ([LINES[3], "group X1 any X1", "quorum none"], "line 2: the name 'X1' is taken"),
        ([LINES[3].replace("X1", "none"), "quorum none"], "line 1: the name 'none' is taken"),
        ([LINES[3], LINES[3].replace("X1 ", "X9 "), "quorum none"], "line 2: another witness has this key"),
        ([LINES[1], LINES[1], "quorum none"], "line 2: another log has this key"),
        ([LINES[1].replace("log ", "witness W "), "quorum none"], "line 1: a key of type 4 is needed"),
        (["log nonsense", "quorum none"], "line 1: 'nonsense' is not written as"),
        (["log", "quorum none"], "line 1: 'log' takes other words"),
        (["logs x", "quorum none"], "line 1: 'logs' is not log, witness, group or quorum"),
        (["quorum none\r"], "no control characters"),
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused_with_its_line(lines: list[str], why: str) -> None:
    with pytest.raises(BadPolicy, match=why.replace("(", r"\(")):
        policy(*lines)


def test_octets_above_ascii_are_carried_through() -> None:
    data = LINES[3].replace("X1 ", "K ").encode() + b"\n# \xff\nquorum K\n"
    assert Policy.parse(data).quorum == "K"
