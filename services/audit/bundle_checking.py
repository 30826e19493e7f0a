"""An evidence bundle checked: entries under the checkpoint, that under the keys, each member whole."""

import secrets
from contextlib import ExitStack, closing
from itertools import zip_longest
from pathlib import Path

import msgspec

from services.audit import lines
from services.audit.bundle_reading import Members
from services.audit.checker import repeated
from services.audit.claims import Trust, compare
from services.audit.faults import Faults
from services.audit.lines import Line
from services.audit.report import Report
from services.audit.spool import Spool
from services.audit.tree import Tree
from services.audit.verifying import Asked, Findings, Step
from services.failures import UNREACHABLE, CommandFailed
from services.platform import bundle
from services.platform.checkpoint import Checkpoint, LogProof
from services.platform.merkle import NotProven, leaf_hash
from services.platform.note import BadNote, Note
from services.platform.policy import BadPolicy, Policy

_MANIFEST = msgspec.json.Decoder(bundle.Manifest, strict=True).decode


async def of_bundle(path: Path, asked: Asked, step: Step) -> Report:
    """What holds of a bundle. Raises CommandFailed if it is none, or too little for what was asked."""
    faults = Faults()
    with Members(path, faults) as members:
        trust, notes = _trust(members, asked.trust, faults)
        findings = Findings(msgspec.structs.replace(asked, trust=trust), faults=faults)
        findings.notes += notes
        note = members.whole(bundle.CHECKPOINT)
        findings.hear(note, "the checkpoint in the bundle")
        head = _head(note)
        manifest = _manifest(members, head, faults)
        with ExitStack() as stack:
            tree = stack.enter_context(closing(Tree(claim.size for claim in findings.claims)))
            entries = stack.enter_context(Entries(manifest, note, tree, faults))
            read = entries.read(members, step)
        page = members.whole(bundle.README)
        if manifest is not None and page != bundle.instructions(manifest):
            faults.add(0, "member", f"{bundle.README} is not the page of instructions for this bundle")
        members.check_sums()
    ledger = manifest.ledger if manifest else None
    _compare(findings, tree, head, ledger)
    root = head.root if head is not None else None
    return findings.report(ledger, read, root)


class Entries:
    """The entries and their proofs, side by side."""

    def __init__(self, manifest: bundle.Manifest | None, note: bytes, tree: Tree, faults: Faults) -> None:
        self._manifest = manifest
        self._note = note
        self._tree = tree
        self._faults = faults
        self._before: Line | None = None
        self._stack = ExitStack()
        self._identities = self._stack.enter_context(Spool(secrets.token_bytes(32)))
        self._subjects = self._stack.enter_context(Spool(secrets.token_bytes(32)))

    def __enter__(self) -> "Entries":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, members: Members, step: Step) -> int:
        """Check them all; how many entries there are."""
        total = self._manifest.entries if self._manifest else None
        count = 0
        for raw, proof in zip_longest(members.lines(bundle.ENTRIES), members.proofs()):
            if raw is None:
                self._faults.add(0, "proof", f"there are more proofs than the {count} entries")
                break
            count += 1
            self._entry(raw, proof, count)
            step(count, total)
        if total is not None and total != count:
            self._faults.add(0, "member", f"the manifest tells of {total} entries, there are {count}")
        self._together()
        return count

    def _entry(self, raw: bytes, proof: bytes | None, number: int) -> None:
        entry = raw.removesuffix(b"\n")
        position = self._before.position + 1 if self._before else number
        try:
            line = lines.read_alone(entry)
        except lines.UNREADABLE as error:
            self._faults.add(position, "unreadable", f"entry {number} of the bundle is no entry: {error}")
            return
        self._tree.grow([leaf_hash(entry)])
        self._judge(line)
        self._proven(line.position, leaf_hash(entry), proof)
        if not raw.endswith(b"\n"):
            self._faults.add(line.position, "unreadable", "its line does not end with a newline")

    def _judge(self, line: Line) -> None:
        before, self._before = self._before, line
        ledger = self._manifest.ledger if self._manifest else line.ledger
        lines.check(line, ledger, self._faults, before.format if before else None)
        if before is not None and line.position <= before.position:
            self._faults.add(line.position, "order", f"it stands behind position {before.position}")
        elif before is not None and line.recorded < before.recorded:
            told = f"it was recorded at {line.recorded}, before the entry at position {before.position}"
            self._faults.add(line.position, "recorded", told)
        self._identities.add(f"{line.event.source}\0{line.event.id}".encode(), line.position, 0)
        self._subjects.add(line.event.subject.encode(), line.position, line.version)

    def _proven(self, position: int, leaf: bytes, text: bytes | None) -> None:
        if text is None:
            self._faults.add(position, "proof", "there is no proof for it")
            return
        try:
            proof = LogProof.parse(text)
            if str(proof.note).encode() != self._note:
                raise BadNote("it rests on another checkpoint than the bundle's")
            if proof.index != position - 1:
                raise BadNote(f"it is about index {proof.index}, which is position {proof.index + 1}")
            proof.check(leaf)
        except (BadNote, NotProven) as error:
            self._faults.add(position, "proof", f"its proof does not hold: {error}")

    def _together(self) -> None:
        """Entries chosen by a filter have gaps; what there is of a subject still goes upwards."""
        repeated(self._identities, self._faults)
        for met in self._subjects.met():
            if met.again and met.number <= met.number_before:
                told = f"it is version {met.number} of its subject, behind version {met.number_before}"
                self._faults.add(met.position, "version", told)


def _trust(members: Members, given: Trust, faults: Faults) -> tuple[Trust, list[str]]:
    """What the auditor brought, else the bundle's own policy."""
    try:
        own = Policy.parse(members.whole(bundle.POLICY))
    except BadPolicy as error:
        faults.add(0, "member", f"the policy cannot be read: {error}")
        own = Policy()
    if given.anybody:
        return given, []
    return Trust(own), [
        "the keys are the bundle's own: compare its policy with keys you were given by another way"
    ]


def _head(note: bytes) -> Checkpoint | None:
    try:
        return Checkpoint.parse(Note.parse(note).text)
    except BadNote:
        return None  # named already


def _manifest(members: Members, head: Checkpoint | None, faults: Faults) -> bundle.Manifest | None:
    raw = members.whole(bundle.MANIFEST)
    try:
        manifest = _MANIFEST(raw)
    except lines.UNREADABLE as error:
        faults.add(0, "member", f"the manifest cannot be read: {error}")
        return None
    if manifest.bundle != 1 or manifest.encoded() != raw:
        faults.add(0, "member", "the manifest is not written as version 1 of it is")
    told = (manifest.origin, manifest.size, manifest.root)
    if head is not None and told != (head.origin, head.size, head.root.hex()):
        faults.add(0, "member", "the manifest tells of another checkpoint than the bundle's")
    return manifest


def _compare(findings: Findings, tree: Tree, head: Checkpoint | None, ledger: str | None) -> None:
    """What was asked, as far as a bundle tells: at its checkpoint; before it, if it holds every entry."""
    if head is None:
        return
    roots = {head.size: head.root}
    if tree.size == head.size:
        roots = {**tree.roots, **roots}
        if tree.frontier.root() != head.root:
            findings.faults.add(0, "root", "the entries do not have the root that the checkpoint tells")
    known = [claim for claim in findings.claims if claim.size in roots]
    compare(known, roots, head.size, findings.faults, ledger)
    beyond = [claim.who for claim in findings.claims if claim.size not in roots]
    if beyond and not findings.faults.count:
        told = (
            f"{beyond[0]} is of another size than the bundle's checkpoint; check a running ledger against it"
        )
        raise CommandFailed(told, UNREACHABLE)
