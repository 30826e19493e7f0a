"""Evidence bundles of strangers: right only if they hold nothing but what the log's key vouches for."""

import asyncio
import io
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from hypothesis import strategies as st

from services.audit import bundle_checking, trust
from services.audit.claims import Trust
from services.audit.report import Report
from services.audit.verifying import Asked
from services.failures import CommandFailed
from services.platform import bundle
from tests import audits
from tests.fuzz.hunting import Property, damaged, in_words, inputs

Members = Mapping[str, bytes]
_SPARSE = [1, 3, 4, 9]


def _made(chosen: list[int] | None) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        return audits.bundle(Path(directory) / "b.zip", 9, chosen).read_bytes()


def _members(raw: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


WHOLE = [_made(None), _made(_SPARSE), _made([])]
_CONTENT = [_members(one) for one in WHOLE]
_LINES = {line for content in _CONTENT for line in content[bundle.ENTRIES].splitlines(keepends=True)}
_TRUSTS = [audits.trust(), Trust()]


def archive(raw: bytes) -> None:
    """Damage to the file: the members are as they were, or it is named, or it is no bundle."""
    report = _verdict(raw, audits.trust())
    if report is not None and report.verdict == "right":
        assert _members(raw) in _CONTENT


def rewritten(members: Members) -> None:
    """Damage to members by somebody who mends the sums: no entry but the log's own passes."""
    raw = _zipped(members)
    report = _verdict(raw, audits.trust())
    if report is not None and report.verdict == "right":
        read = _members(raw)
        assert set(read[bundle.ENTRIES].splitlines(keepends=True)) <= _LINES
        assert read[bundle.CHECKPOINT] in {content[bundle.CHECKPOINT] for content in _CONTENT}
    _verdict(raw, Trust())


def kept_answer(raw: bytes) -> None:
    """The answer of a view that an auditor kept, be it what it may."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "answer.json"
        path.write_bytes(raw)
        try:
            claim = trust.answer(path)
        except CommandFailed as failed:
            in_words(failed)
            return
    assert isinstance(claim.root, bytes)


def _verdict(raw: bytes, trusted: Trust) -> Report | None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "b.zip"
        path.write_bytes(raw)
        try:
            report = asyncio.run(
                bundle_checking.of_bundle(
                    path, Asked(target="b.zip", trust=trusted), lambda _done, _all: None
                )
            )
        except CommandFailed as failed:
            in_words(failed)
            return None
    assert report.told()
    return report


def _zipped(members: Members) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return file.getvalue()


def _stored(raw: bytes) -> bytes:
    """The same, not compressed, so that damage reaches the members themselves."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as new:
        for name, content in _members(raw).items():
            new.writestr(name, content)
    return file.getvalue()


@st.composite
def _tampered(draw: st.DrawFn) -> Members:
    members = dict(draw(st.sampled_from(_CONTENT)))
    for name in draw(st.lists(st.sampled_from(bundle.SUMMED), min_size=1, max_size=2)):
        whole = [content[name] for content in _CONTENT]
        words = [
            b"\n",
            b"\0",
            b"0",
            b"9",
            b'"',
            b"\xff",
            *_LINES,
            *members[name].splitlines(keepends=True)[:50],
        ]
        members[name] = draw(damaged([members[name], *whole], words))
    if draw(st.booleans()):
        digests = {name: sha256(members[name]).digest() for name in bundle.SUMMED}
        members[bundle.SUMS] = bundle.sums(digests)
    return members


_ANSWERS = [b'{"rests_on":{"ledger":"acme","position":9,"root":"00ff"}}', b'{"rests_on":{}}']
_SIGNS = [
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"\0\0",
    b"\xff\xff\xff\xff",
    b"\x08\0",
    b"\x01\0",
    b"\x63\0",
]

PROPERTIES = {
    "bundle": Property(damaged([*WHOLE, *[_stored(one) for one in WHOLE]], _SIGNS), archive, 40),
    "bundle rewritten": Property(_tampered(), rewritten, 20),
    "kept answer": Property(
        inputs(_ANSWERS, [b"null", b"-1", b"1e5", b'"zz"', b"99999999999999999999"]), kept_answer
    ),
}
