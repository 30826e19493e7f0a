"""Evidence bundles: what is right passes, and every byte that is changed is named."""

import asyncio
import random
from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from services.audit import bundle_checking
from services.audit.claims import Claim, Trust
from services.audit.report import Report
from services.audit.verifying import Asked
from services.failures import CommandFailed
from services.platform import bundle
from services.platform.note import Signer
from tests import audits


def checked(path: Path, **asked: object) -> Report:
    wanted = Asked(target=str(path), **asked)  # type: ignore[arg-type] — given by name
    return asyncio.run(bundle_checking.of_bundle(path, wanted, lambda _done, _all: None))


def rewritten(path: Path, change: Callable[[str, bytes], bytes], sums: bool = False) -> Path:
    """The bundle with members changed; with `sums`, by somebody who mends SHA256SUMS as well."""
    with ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members = {name: change(name, content) for name, content in members.items()}
    if sums:
        digests = {name: sha256(members[name]).digest() for name in bundle.SUMMED}
        members[bundle.SUMS] = bundle.sums(digests)
    changed = path.with_name("changed.zip")
    with ZipFile(changed, "w", ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return changed


@pytest.mark.parametrize(("size", "chosen"), [(1, None), (257, None), (300, [1, 7, 256, 257, 300]), (5, [])])
def test_a_bundle_holds_what_was_chosen_and_proves_it(
    tmp_path: Path, size: int, chosen: list[int] | None
) -> None:
    path = audits.bundle(tmp_path / "b.zip", size, chosen)
    for trust in (Trust(), audits.trust()):
        report = checked(path, trust=trust)
        assert report.verdict == "right", report.told()
        assert report.entries == (size if chosen is None else len(chosen))
        assert report.checkpoints[0].witnesses[0].witness == "outside"
    assert report.fresh_as_of is not None
    assert report.fresh_as_of.timestamp() == audits.AT


def test_who_trusts_another_key_is_told_so(tmp_path: Path) -> None:
    path = audits.bundle(tmp_path / "b.zip", 9)
    report = checked(path, trust=audits.trust(Signer(audits.ORIGIN, b"\7" * 32)))
    assert (report.verdict, report.faults[0].kind) == ("wrong", "checkpoint")


@pytest.mark.parametrize("name", bundle.MEMBERS)
def test_any_byte_of_any_member_that_is_changed_is_named(tmp_path: Path, name: str) -> None:
    path = audits.bundle(tmp_path / "b.zip", 20, [3, 4, 9])
    with ZipFile(path) as zipped:
        length = len(zipped.read(name))
    for at in random.Random(11).sample(range(length), min(60, length)):

        def flip(member: str, content: bytes, at: int = at) -> bytes:
            if member != name:
                return content
            return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]

        report = checked(rewritten(path, flip))
        assert report.verdict == "wrong", (name, at)
        assert any(name in fault.what for fault in report.faults), report.told()


@pytest.mark.parametrize("name", bundle.MEMBERS)
def test_a_member_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    path = audits.bundle(tmp_path / "b.zip", 5)
    with ZipFile(path) as old, ZipFile(tmp_path / "less.zip", "w") as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
    report = checked(tmp_path / "less.zip")
    assert any(f"the member {name} is there 0 times" == fault.what for fault in report.faults), report.told()


def edited(name: str, old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda member, content: content.replace(old, new, 1) if member == name else content


FORGERIES = [
    ("an entry edited", edited("entries.ndjson", b'"id":"e-4"', b'"id":"e-X"'), 4, "proof"),
    ("an entry's position edited", edited("entries.ndjson", b'"position":4', b'"position":5'), 5, "proof"),
    ("an entry dropped", edited("entries.ndjson", audits.line(4) + b"\n", b""), 5, "proof"),
    ("another ledger's", edited("manifest.json", b'"acme"', b'"beta"'), 3, "ledger"),
    ("an entry without its end", lambda n, c: c[:-1] if n == "entries.ndjson" else c, 5, "unreadable"),
    ("a proof edited", edited("proofs.txt", b"index 3\n", b"index 4\n"), 4, "proof"),
    ("the proofs cut", lambda n, c: c[: len(c) // 2] if n == "proofs.txt" else c, 4, "proof"),
]


@pytest.mark.parametrize(("what", "change", "position", "kind"), FORGERIES, ids=[one[0] for one in FORGERIES])
def test_a_forger_who_mends_the_sums_is_found_out_at_the_position(
    tmp_path: Path, what: str, change: Callable[[str, bytes], bytes], position: int, kind: str
) -> None:
    path = audits.bundle(tmp_path / "b.zip", 20, [3, 4, 5])
    report = checked(rewritten(path, change, sums=True))
    assert report.verdict == "wrong", what
    assert report.faults[0].position == position, report.told()
    assert kind in {fault.kind for fault in report.faults if fault.position == position}, report.told()


def test_other_instructions_are_named_though_the_sums_fit(tmp_path: Path) -> None:
    path = audits.bundle(tmp_path / "b.zip", 20, [3])
    report = checked(rewritten(path, edited("README.txt", b"BEFORE ANYTHING ELSE", b"NOTHING"), sums=True))
    assert [fault.what for fault in report.faults] == [
        "README.txt is not the page of instructions for this bundle"
    ]


def test_the_instructions_in_bundles_of_version_1_stay_as_they_are() -> None:
    page = (files("services.platform") / "instructions.txt").read_bytes()
    assert sha256(page).hexdigest() == "7d9381081f0660649aff6e82fc7a3869dc10d506ea6a0a9c164d6b2c56c71cac"


def test_a_kept_checkpoint_and_an_answer_are_compared_with_a_whole_bundle(tmp_path: Path) -> None:
    path = audits.bundle(tmp_path / "b.zip", 300)
    kept = audits.Site([audits.line(position) for position in range(1, 257)])
    note = str(kept.note()).encode()
    assert checked(path, trust=audits.trust(), checkpoints=[("kept", note)]).verdict == "right"
    other = audits.Site([audits.line(position, publisher="X") for position in range(1, 257)])
    report = checked(path, trust=audits.trust(), checkpoints=[("kept", str(other.note()).encode())])
    assert (report.faults[0].position, report.faults[0].until) == (1, 256)
    wrong = Claim(7, b"\0" * 32, "the answer", "answer")
    report = checked(path, claims=[wrong])
    assert (report.faults[0].position, report.faults[0].kind, report.faults[0].until) == (1, "answer", 7)


def test_what_a_bundle_cannot_tell_is_not_called_right(tmp_path: Path) -> None:
    path = audits.bundle(tmp_path / "b.zip", 20, [3])
    with pytest.raises(CommandFailed, match="another size"):
        checked(path, claims=[Claim(7, b"\0" * 32, "the answer", "answer")])
