"""What publishers remember of a run: everything they sent, and every answer they were given."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.faults.events import Event, Unit

Identity = tuple[str, str]  # source and id


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt; `doubt`: an earlier attempt with this identity had been left without an answer."""

    receipt: dict[str, Any]
    doubt: bool
    node: str
    at: float  # seconds of the monotonic clock


@dataclass(slots=True)
class Book:
    """Shared by the publishers of one ledger, in one event loop."""

    ledger: str
    sent: dict[Identity, Event] = field(default_factory=dict)
    answers: dict[Identity, list[Answer]] = field(default_factory=dict)
    refused: set[Identity] = field(default_factory=set)
    batches: list[list[Identity]] = field(default_factory=list)
    acknowledged: list[Unit] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)  # the last that anybody was told
    checkpoints: list[tuple[str, float, float, str]] = field(default_factory=list)  # node, asked, told, note
    unanswered: int = 0  # attempts that ended without an answer
    told_to_wait: int = 0  # attempts that were answered with 503

    def send(self, unit: Unit) -> None:
        """A unit is about to be published for the first time."""
        for event in unit:
            self.sent[identity(event)] = event

    def keep(self, unit: Unit, receipts: list[dict[str, Any]], *, doubt: bool, node: str, at: float) -> None:
        """A unit was acknowledged, for the first time or again."""
        assert len(receipts) == len(unit), f"{len(receipts)} receipts for {len(unit)} events"
        if identity(unit[0]) not in self.answers:
            self.acknowledged.append(unit)
            if len(unit) > 1:
                self.batches.append([identity(event) for event in unit])
        for event, receipt in zip(unit, receipts, strict=True):
            self.answers.setdefault(identity(event), []).append(Answer(receipt, doubt, node, at))
            subject, version = receipt["subject"], receipt["version"]
            self.versions[subject] = max(version, self.versions.get(subject, 0))

    def refuse(self, unit: Unit) -> None:
        """A unit was refused for good: nothing of it may be found in the log."""
        self.refused.update(identity(event) for event in unit)

    def doubted(self) -> int:
        """How many identities turned out to be stored although an attempt had no answer."""
        firsts = [answers[0] for answers in self.answers.values()]
        return sum(first.doubt and first.receipt["duplicate"] for first in firsts)

    def receipts(self, event: Event) -> list[dict[str, Any]]:
        """Every receipt that anybody was given for an event, the first one first."""
        return [answer.receipt for answer in self.answers[identity(event)]]

    def latest(self) -> str:
        """What was signed, of the checkpoint seen last, whoever cosigned it."""
        return self.checkpoints[-1][3].partition("\n\n")[0] if self.checkpoints else ""

    def told(self) -> str:
        """What happened, for whoever reads the log of a run."""
        return (
            f"{len(self.answers)} acknowledged, {len(self.refused)} refused,"
            f" {self.unanswered} attempts unanswered, {self.told_to_wait} told to wait,"
            f" {self.doubted()} found stored after doubt"
        )

    def longest_silence(self, node: str, since: float, until: float) -> float:
        """The longest time within a span in which this node acknowledged nothing."""
        told = {one.at for answers in self.answers.values() for one in answers if one.node == node}
        times = [since, *sorted(at for at in told if since < at < until), until]
        return max(later - earlier for earlier, later in pairwise(times))


def identity(event: Event) -> Identity:
    return event["source"], event["id"]
