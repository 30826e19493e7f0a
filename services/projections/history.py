"""What had occurred by an instant, as known at a position, put together subject by subject. Pure.

The ground that every view but those of shares stands on. Ids are written as in the events; whose they are
after merges is asked of the structure: `history.who(holder)`.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from operator import itemgetter
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeVar, cast

from schemas.consultation import AdviceAnswered, AdviceGiven, Requested
from schemas.consultation import Closed as ConsultationClosed
from schemas.decision import Amended, Made, Opened, Overridden, PositionTaken, Reopened
from schemas.initiative import Completed, Joined, Paused, Proposed, Resumed, Withdrawn
from schemas.space import Opened as SpaceOpened
from schemas.space import SessionHeld
from schemas.types import Data
from services.projections.acts import Answer
from services.projections.facts.occurrences import Occurrence
from services.projections.in_force import InForce
from services.projections.structure import Structure

D = TypeVar("D", bound=Data)
U = TypeVar("U")


class Step(NamedTuple):
    """One thing that occurred to a subject."""

    at: datetime
    position: int
    data: Data
    source: str | None = None
    id: str | None = None


class Act(NamedTuple):
    """A `made` or `overridden`, read against the structure of its own instant (see `Resolved`).

    Holders are subjects after merges; each mapping of holders sums to UNIT or is empty. `stands`: it is the
    decision's last word as of the history's instant. `first`: the instant the standing tense counts it in.
    """

    decision: str
    position: int
    at: datetime
    first: datetime
    stands: bool
    word: Literal["made", "overridden"]
    outcome: str
    status: Literal["counted", "unknown", "apart"]
    inferred: bool
    initiative: str | None
    home: str
    scopes: tuple[str, ...]
    stakes: str | None
    row_domain: str | None
    row_position: int | None
    mandate: Answer
    vacant: bool
    node: Mapping[str, int]
    seat: Mapping[str, int]
    stated_node: Mapping[str, int]
    stated_seat: Mapping[str, int]


class Stream:
    """A subject and what occurred to it, in (occurred, position) order."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.steps: list[Step] = []

    def every(self, cls: type[D]) -> list[tuple[Step, D]]:
        """The steps of one type, with their data typed."""
        return [(step, step.data) for step in self.steps if isinstance(step.data, cls)]

    def last(self, cls: type[D]) -> tuple[Step, D] | None:
        """The last step of one type."""
        return next(((step, step.data) for step in reversed(self.steps) if isinstance(step.data, cls)), None)

    def first(self, cls: type[D]) -> tuple[Step, D] | None:
        """The first step of one type."""
        return next(((step, step.data) for step in self.steps if isinstance(step.data, cls)), None)

    def after(self, step: Step, *classes: type[Data]) -> Step | None:
        """The first step of any of these types after another."""
        begin = bisect_right(self.steps, step[:2], key=itemgetter(0, 1))
        return next((one for one in islice(self.steps, begin, None) if isinstance(one.data, classes)), None)


class Decision(Stream):
    """A decision: what was asked, said and decided. `acts` are its words that decide, each in its turn."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.acts: list[Act] = []

    @cached_property
    def opened(self) -> tuple[Step, Opened] | None:
        return self.last(Opened)

    @cached_property
    def made(self) -> tuple[Step, Made] | None:
        """The last `made`."""
        return self.last(Made)

    @cached_property
    def told(self) -> Made | Opened | None:
        """What says most lately what it is about: the last `made`, else how it was opened."""
        if self.made is not None:
            return self.made[1]
        return self.opened[1] if self.opened is not None else None

    @cached_property
    def title(self) -> str | None:
        titles = [step.data.title for step in self.steps if isinstance(step.data, Made | Opened)]
        return next((title for title in reversed(titles) if title is not None), None)

    @property
    def domains(self) -> tuple[str, ...]:
        """The first is its home; none where all that is known of it came before it was opened or made."""
        return () if self.told is None else self.told.domains

    @property
    def home(self) -> str | None:
        return self.domains[0] if self.domains else None

    @cached_property
    def initiative(self) -> str | None:
        """As it was named last: one that is not named again when it is decided is still meant."""
        named = [step.data.initiative for step in self.steps if isinstance(step.data, Made | Opened)]
        return next((initiative for initiative in reversed(named) if initiative is not None), None)

    @property
    def counted(self) -> list[Act]:
        """The acts with an outcome that counts and a known decider."""
        return [act for act in self.acts if act.status == "counted"]

    def positions(self, before: Step | None = None) -> dict[str, tuple[Step, PositionTaken]]:
        """The last position of each holder that stood (amending lapses them), by whom it is for, raw."""
        found: dict[str, tuple[Step, PositionTaken]] = {}
        for step in self.steps:
            if step is before:
                break
            if isinstance(step.data, Amended):
                found = {}
            elif isinstance(step.data, PositionTaken):
                found[step.data.for_ or f"actor/{step.data.by}"] = step, step.data
        return found

    @property
    def words(self) -> list[Step]:
        """Made, overridden, reopened."""
        return [step for step in self.steps if isinstance(step.data, Made | Overridden | Reopened)]


class Initiative(Stream):
    """An initiative: who set out to change what, and what became of it."""

    @cached_property
    def proposed(self) -> tuple[Step, Proposed] | None:
        return self.first(Proposed)

    @property
    def joined(self) -> list[tuple[Step, Joined]]:
        return self.every(Joined)

    @property
    def ended(self) -> Step | None:
        """How it ended: completed or withdrawn."""
        return next((s for s in reversed(self.steps) if isinstance(s.data, Completed | Withdrawn)), None)

    @property
    def pauses(self) -> list[tuple[Step, Paused, Step | None]]:
        """Each pause and what ended it: resumed, or the initiative's end."""
        return [
            (step, data, self.after(step, Resumed, Completed, Withdrawn)) for step, data in self.every(Paused)
        ]


class Consultation(Stream):
    """Who was asked about what, and what they said."""

    @cached_property
    def requested(self) -> tuple[Step, Requested] | None:
        return self.first(Requested)

    @property
    def about(self) -> str | None:
        """A subject, `kind/id`."""
        return None if self.requested is None else self.requested[1].about

    @cached_property
    def advice(self) -> list[tuple[Step, AdviceGiven]]:
        return self.every(AdviceGiven)

    @property
    def closed(self) -> tuple[Step, ConsultationClosed] | None:
        return self.last(ConsultationClosed)

    def answer(self, advice: Step) -> tuple[Step, AdviceAnswered] | None:
        """The last answer to a piece of advice."""
        return self._answers.get(advice[3:])

    @cached_property
    def _answers(self) -> Mapping[tuple[str | None, str | None], tuple[Step, AdviceAnswered]]:
        return {(one[1].advice.source, one[1].advice.id): one for one in self.every(AdviceAnswered)}


class Space(Stream):
    """Where people meet."""

    @cached_property
    def opened(self) -> tuple[Step, SpaceOpened] | None:
        return self.last(SpaceOpened)

    @property
    def sessions(self) -> list[tuple[Step, SessionHeld]]:
        return self.every(SessionHeld)


class History:
    """Everything that had occurred by `at`, as far as its kinds were asked for; the rest is empty.

    `structure` says who was who, who sat where and what was stated, at any instant and as of `at`; `streams`
    are by subject, in order of their beginnings, and others may use them too, as nobody changes them.
    `corrected` has, where it was asked for, the entry that corrected another to what it says here.
    """

    def __init__(
        self,
        at: datetime,
        structure: Structure,
        streams: Mapping[str, Stream],
        corrected: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.at = at
        self.structure = structure
        self.who = structure.actors.holder
        """A holder as it stands after merges: `actor/a-1` may be `actor/a-2` by now."""
        self.corrected = corrected
        self._derived: dict[Hashable, object] = {}
        self.decisions: dict[str, Decision] = {}
        self.initiatives: dict[str, Initiative] = {}
        self.consultations: dict[str, Consultation] = {}
        self.spaces: dict[str, Space] = {}
        self.experiments: dict[str, Stream] = {}
        self.debriefs: dict[str, Stream] = {}
        self.lessons: dict[str, Stream] = {}
        self.pulses: dict[str, Stream] = {}
        self.knots: dict[str, Stream] = {}
        by_kind: dict[str, dict[str, Stream]] = {
            "decision": self.decisions,  # type: ignore[dict-item]  # narrower streams
            "initiative": self.initiatives,  # type: ignore[dict-item]  # the same
            "consultation": self.consultations,  # type: ignore[dict-item]  # the same
            "space": self.spaces,  # type: ignore[dict-item]  # the same
            "experiment": self.experiments,
            "debrief": self.debriefs,
            "lesson": self.lessons,
            "pulse": self.pulses,
            "knot": self.knots,
        }
        for subject, stream in streams.items():
            by_kind[subject.partition("/")[0]][stream.id] = stream

    def once(self, key: Hashable, derive: Callable[[], U]) -> U:
        """What follows from the history and the key alone, worked out when it is first asked for."""
        if key not in self._derived:
            self._derived[key] = derive()
        return cast("U", self._derived[key])

    def let_go(self) -> None:
        """Forget what was worked out, which holds on to the history in turn: nobody asks of it any more."""
        self._derived.clear()

    @cached_property
    def acts(self) -> Sequence[Act]:
        """Every act of every decision, in (occurred, position) order."""
        acts = [act for decision in self.decisions.values() for act in decision.acts]
        return sorted(acts, key=lambda act: (act.at, act.position))

    @cached_property
    def in_force(self) -> InForce:
        """Which row was in force in each domain, all the time up to `at`."""
        return InForce(self.structure, self.at)

    @cached_property
    def consulted(self) -> Mapping[str, Sequence[Consultation]]:
        """The consultations about each subject, in order of their requests."""
        about: dict[str, list[Consultation]] = defaultdict(list)
        for consultation in self.consultations.values():
            if consultation.about is not None:
                about[consultation.about].append(consultation)
        return MappingProxyType(about)

    @cached_property
    def decided(self) -> Mapping[str, Sequence[Decision]]:
        """The decisions of each initiative, by its bare id."""
        of: dict[str, list[Decision]] = defaultdict(list)
        for decision in self.decisions.values():
            if decision.initiative is not None:
                of[decision.initiative].append(decision)
        return MappingProxyType(of)

    def proposal(self, decision: Decision) -> tuple[Step, Proposed | Opened] | None:
        """What says who proposed a decision: its initiative if that names anybody, else how it was opened."""
        initiative = self.initiatives.get(decision.initiative or "")
        if initiative is not None and initiative.proposed is not None and initiative.proposed[1].proposers:
            return initiative.proposed
        return decision.opened

    def proposers(self, decision: Decision) -> frozenset[str]:
        """Who proposed a decision, after merges."""
        match self.proposal(decision):
            case (_, Proposed(proposers=proposers)):
                return frozenset(map(self.who, proposers))
            case (_, Opened(by=by)):
                return frozenset({self.who(f"actor/{by}")})
        return frozenset()


def streams_of(occurrences: Iterable[Occurrence], acts: Iterable[Act] = ()) -> dict[str, Stream]:
    """By subject what occurred to it, and the acts of decisions; all in the order they are given in."""
    streams: dict[str, Stream] = {}
    for one in occurrences:
        stream = streams.get(one.of) or _begun(streams, one.of)
        stream.steps.append(step_of(one))
    for act in acts:
        subject = f"decision/{act.decision}"
        cast("Decision", streams.get(subject) or _begun(streams, subject)).acts.append(act)
    return streams


def step_of(one: Occurrence) -> Step:
    """What an occurrence is in the stream of its subject."""
    return Step(one.valid_from, one.position, one.data, one.source, one.id)


def stream_of(subject: str) -> Stream:
    """One that nothing has occurred to."""
    kind, _, id = subject.partition("/")
    return _CLASSES.get(kind, Stream)(id)


def _begun(streams: dict[str, Stream], subject: str) -> Stream:
    stream = streams[subject] = stream_of(subject)
    return stream


_CLASSES: Final[Mapping[str, type[Stream]]] = MappingProxyType(
    {"decision": Decision, "initiative": Initiative, "consultation": Consultation, "space": Space}
)
