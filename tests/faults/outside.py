"""The whole log checked from outside: as an auditor with the database, the stream and RFC 6962 would.

Shares no code with the services, so that a mistake there cannot excuse itself here.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

import nats
import psycopg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from tests.faults.book import Book, Identity

PERSONAL = {  # what is recorded sealed
    "locus.actor.registered.v1": ("profile",),
    "locus.decision.position_taken.v1": ("reason",),
}
OWN = "locus"  # the publisher of what the ledger itself says
CATCH_UP = 30.0  # seconds that the relay has to come to the end of the log


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the entries, and what its line says."""

    position: int
    recorded: datetime
    version: int
    subject: str
    type: str
    identity: Identity
    line: bytes
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Commit:
    first: int
    last: int
    recorded: datetime
    root: bytes


@dataclass(frozen=True, slots=True)
class Log:
    ledger: str
    entries: Sequence[Stored]
    commits: Sequence[Commit]

    @property
    def root(self) -> bytes:
        return self.commits[-1].root if self.commits else sha256(b"").digest()


def read(database: str, ledger: str) -> Log:
    """Everything recorded of a ledger, in one moment; `database` speaks as a superuser."""
    entries = (
        "SELECT position, recorded, version, subject, type, source, id, entry FROM ledger.entries"
        " WHERE ledger = %s ORDER BY position"
    )
    commits = "SELECT first, last, recorded, root FROM ledger.commits WHERE ledger = %s ORDER BY last"
    with psycopg.connect(database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        rows = connection.execute(entries, [ledger]).fetchall()
        heads = connection.execute(commits, [ledger]).fetchall()
    return Log(
        ledger,
        [_stored(*row) for row in rows],
        [Commit(row[0], row[1], row[2], bytes(row[3])) for row in heads],
    )


def _stored(
    position: int,
    recorded: datetime,
    version: int,
    subject: str,
    type: str,
    source: str,
    id: str,
    line: bytes,
) -> Stored:
    return Stored(position, recorded, version, subject, type, (source, id), line, json.loads(line))


def check_order(log: Log) -> None:
    """Positions without gaps, versions consecutive, identities unique, recorded times increasing."""
    assert [stored.position for stored in log.entries] == list(range(1, len(log.entries) + 1))
    identities = {stored.identity for stored in log.entries}
    assert len(identities) == len(log.entries), "an identity is stored twice"
    versions: dict[str, int] = {}
    for stored in log.entries:
        assert stored.version == versions.get(stored.subject, 0) + 1, f"versions of {stored.subject}"
        versions[stored.subject] = stored.version
    ends = [0, *(commit.last for commit in log.commits)]
    assert [commit.first for commit in log.commits] == [end + 1 for end in ends[:-1]]
    assert ends[-1] == len(log.entries), "an entry is outside every commit"
    for earlier, later in pairwise(log.commits):
        assert earlier.recorded < later.recorded, f"recorded does not increase at {later.first}"


def check_lines(log: Log) -> None:
    """Each line says of itself what its row says of it."""
    recorded = {p: commit.recorded for commit in log.commits for p in range(commit.first, commit.last + 1)}
    for stored in log.entries:
        said, event = stored.said, stored.said["event"]
        assert (said["format"], said["ledger"]) == (1, log.ledger)
        assert (said["position"], said["version"]) == (stored.position, stored.version)
        assert (event["source"], event["id"]) == stored.identity
        assert (event["subject"], event["type"]) == (stored.subject, stored.type)
        assert instant(said["recorded"]) == stored.recorded == recorded[stored.position]


def check_proof(log: Log) -> None:
    """Every commit's root is that of the lines up to it, by a stack of subtrees; the head's by the RFC."""
    stack: list[tuple[int, bytes]] = []  # sizes and roots of complete subtrees, the largest first
    ends = {commit.last: commit.root for commit in log.commits}
    leaves = [sha256(b"\x00" + stored.line).digest() for stored in log.entries]
    for position, leaf in enumerate(leaves, 1):
        stack.append((1, leaf))
        while len(stack) > 1 and stack[-2][0] == stack[-1][0]:
            (size, right), (_, left) = stack.pop(), stack.pop()
            stack.append((2 * size, _node(left, right)))
        if position in ends:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = _node(left, root)
            assert root == ends[position], f"the root recorded at position {position} is not the tree's"
    assert tree(leaves) == log.root


def check_receipts(log: Log, book: Book) -> None:
    """What was acknowledged is there once, as sent, where the receipt says; what was refused is not there."""
    found = {stored.identity: stored for stored in log.entries}
    for identity, answers in book.answers.items():
        assert identity in found, f"acknowledged and lost: {answers[0].receipt}"
        stored = found[identity]
        _check_content(stored, book.sent[identity])
        for number, answer in enumerate(answers):
            _check_receipt(answer.receipt, stored, log.ledger)
            assert answer.receipt["duplicate"] or number == 0, f"twice recorded as new: {answer.receipt}"
        assert answers[0].doubt or not answers[0].receipt["duplicate"], f"never sent before: {answers[0]}"
    assert not book.refused & found.keys(), "refused and yet recorded"
    assert book.sent.keys() == book.answers.keys() | book.refused, "somebody was left without an answer"
    own = {one for one, stored in found.items() if stored.said["publisher"] == OWN}
    assert found.keys() - own <= book.sent.keys(), "nobody sent this"
    for batch in book.batches:
        positions = [found[identity].position for identity in batch]
        assert positions == list(range(positions[0], positions[0] + len(batch))), "a batch was parted"


def check_history(log: Log, addresses: Iterable[str], token: str) -> None:
    """Each ledger process serves these lines verbatim, and this root."""
    for address in addresses:
        history = f"{address}/v1/ledgers/{log.ledger}"
        assert _get(f"{history}/events", token, "application/x-ndjson").split(b"\n")[:-1] == [
            stored.line for stored in log.entries
        ]
        root = json.loads(_get(f"{history}/log/root/{len(log.entries)}", token, "application/json"))
        assert root["root"] == log.root.hex()


def check_directory(log: Log, book: Book, address: str, token: str) -> None:
    """What was sealed of people is opened again, but for those who are erased."""
    erased = {stored.subject for stored in log.entries if stored.type == "locus.person.erased.v1"}
    said = json.loads(_get(f"{address}/v1/ledgers/{log.ledger}/directory", token, "application/json"))
    people = {f"actor/{one['actor']}": one.get("profile") for one in said["people"]}
    for identity in book.answers:
        event = book.sent[identity]
        if event["type"] == "locus.actor.registered.v1":
            wanted = None if event["subject"] in erased else event["data"]["profile"]
            assert people[event["subject"]] == wanted, f"the profile of {event['subject']}"


def check_tiles(log: Log, address: str, token: str) -> None:
    """Every full tile served is of these entries."""
    leaves = [sha256(b"\x00" + stored.line).digest() for stored in log.entries]
    for tile in range(len(leaves) // 256):
        shown = _get(f"{address}/v1/ledgers/{log.ledger}/log/tile/0/{tile:03}", token, "*/*")
        assert shown == b"".join(leaves[tile * 256 : tile * 256 + 256]), f"tile {tile} is not of the entries"


async def check_stream(log: Log, url: str) -> None:
    """The stream comes to hold the same lines at the same sequences, and nothing else."""
    connection = await nats.connect(url, inbox_prefix="_INBOX_ledger")
    try:
        stream = connection.jetstream()
        name = f"locus-events-{log.ledger}"
        await _filled(stream, name, len(log.entries))
        state = (await stream.stream_info(name)).state
        assert (state.first_seq, state.last_seq, state.messages) == (1, len(log.entries), len(log.entries))
        inbox = await stream.subscribe(
            f"locus.events.{log.ledger}.>", stream=name, ordered_consumer=True, pending_msgs_limit=-1
        )
        for stored in log.entries:
            message = await inbox.next_msg(timeout=10)
            assert message.metadata.sequence.stream == stored.position
            assert message.data == stored.line, f"the stream says something else at {stored.position}"
            kind, what = stored.type.split(".")[1:3]
            assert message.subject == f"locus.events.{log.ledger}.{kind}.{what}"
    finally:
        await connection.close()


async def _filled(stream: JetStreamContext, name: str, length: int) -> None:
    """Give the relay, which is another process, time to come to the end."""
    deadline = time.monotonic() + CATCH_UP
    while await _length(stream, name) < length and time.monotonic() < deadline:  # noqa: ASYNC110 — nobody tells
        await asyncio.sleep(0.1)


async def _length(stream: JetStreamContext, name: str) -> int:
    try:
        return (await stream.stream_info(name)).state.last_seq
    except NotFoundError:
        return 0


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _check_content(stored: Stored, sent: Mapping[str, Any]) -> None:
    event = dict(stored.said["event"])
    wanted = {name: value for name, value in sent.items() if name != "expectedversion"}
    assert instant(event.pop("time")) == instant(wanted.pop("time"))
    for member in PERSONAL.get(event["type"], ()):
        if member in wanted["data"]:
            assert event["data"][member].startswith("sealed.v1."), f"in plain at {stored.position}"
            event["data"] = event["data"] | {member: wanted["data"][member]}
    assert event == wanted, f"recorded otherwise than sent at {stored.position}"


def _check_receipt(receipt: Mapping[str, Any], stored: Stored, ledger: str) -> None:
    told = (receipt["ledger"], receipt["position"], receipt["subject"], receipt["version"])
    assert told == (ledger, stored.position, stored.subject, stored.version), f"wrong receipt: {receipt}"
    assert (receipt["source"], receipt["id"]) == stored.identity
    assert instant(receipt["recorded"]) == stored.recorded


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def tree(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaves hashed already."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return _node(tree(leaves[:split]), tree(leaves[split:]))


def _get(address: str, token: str, kind: str) -> bytes:
    headers = {"authorization": f"Bearer {token}", "accept": kind}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 — our own loopback address
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 — the same
        body: bytes = answer.read()
    return body
