"""Bodies that decide side by side, and whether they meet. Pure.

Two bodies decide side by side when both decided in one domain, or one in a domain and the other in its
parent (as the tree was when they decided). They meet in a session that somebody of each attended, in a person
who has a seat in both, or in a request for advice on a decision of one, or on its initiative, that names the
other or one seated there. Of one space they meet in its sessions alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations

from services.projections.chosen import seated
from services.projections.coordination.answer import Pair
from services.projections.coordination.meetings import Session
from services.projections.coordination.rows import Span
from services.projections.evidence import Mark, counted
from services.projections.history import Act, History
from services.projections.knots.stated import subjects
from services.projections.wording import numbered

Two = tuple[str, str]


def together(met: Sequence[Session]) -> Mapping[Two, list[Mark]]:
    """The sessions of each two bodies that were in one, in order of time."""
    found: dict[Two, list[Mark]] = defaultdict(list)
    for session in met:
        for one, other in combinations(sorted(session.bodies), 2):
            found[one, other].append(session.mark)
    return found


class Beside:
    """The pairs of one window; `met` are all sessions there were, or all of one `space`."""

    def __init__(
        self,
        history: History,
        acts: Sequence[Act],
        met: Mapping[Two, list[Mark]],
        window: Span,
        space: str | None = None,
    ) -> None:
        self._history, self._window = history, window
        self._met, self._space = met, space
        self._decided: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        self._near: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._asked: dict[Two, set[Mark]] = defaultdict(set)
        last: dict[tuple[str, str], datetime] = {}  # when a body last decided about a subject
        for act in acts:
            for body in self._note(act):
                for about in subjects(history.decisions[act.decision]):
                    last[body, about] = max(act.at, last.get((body, about), act.at))
        for (body, about), at in last.items():
            for other, mark in self._named(about, at):
                self._asked[_two(body, other)].add(mark)

    def _note(self, act: Act) -> Sequence[str]:
        """Where the bodies that decided did so, and which they are."""
        bodies = sorted(holder[5:] for holder in act.node if holder.startswith("body/"))
        chain = self._history.structure.matrix.chain(act.home, act.at) if bodies else ()
        for body in bodies:
            self._near[act.home, body].update(chain[:2])
            self._decided[act.home, body].append((act.at, act.position))
        return bodies

    def _named(self, about: str, until: datetime) -> Iterator[tuple[str, Mark]]:
        """The bodies asked about a subject by an instant, themselves or by somebody seated in them."""
        history = self._history
        for one in history.consulted.get(about, ()) if self._space is None else ():
            if one.requested is None or one.requested[0].at > until:
                continue
            step, said = one.requested
            for holder in map(history.who, said.asked):
                bodies = [holder[5:]] if holder.startswith("body/") else seated(history, holder, step.at)
                yield from ((body, (step.at, step.position)) for body in bodies)

    def pairs(self) -> list[Pair]:
        """Those that never met first, then those that last met longest ago."""
        near: dict[Two, set[str]] = defaultdict(set)
        inside: dict[str, set[str]] = defaultdict(set)
        for domain, body in self._decided:
            inside[domain].add(body)
        for (domain, one), around in self._near.items():
            for other in around:
                for two in inside.get(other, set()) - {one}:
                    near[_two(one, two)].update((domain, other))
        found = [self._pair(two, sorted(domains)) for two, domains in near.items()]
        return sorted(found, key=lambda pair: (not pair.apart, pair.bodies))

    def joining(self, pair: Pair) -> Iterator[Mark]:
        """What shows that a pair met: the sessions, the requests, and the taking of the seats."""
        two = _two(*pair.bodies)
        yield from self._here(two)
        yield from self._asked.get(two, ())
        who, holds = self._history.structure.actors.who, self._window.holds
        for seat in (seat for body in two for seat in self._history.structure.bodies.seats(body)):
            lasted = seat.valid_from < self._window.closes and seat.valid_to > self._window.opens
            if f"actor/{who(seat.actor)}" in pair.seats and (lasted or holds(seat.valid_from)):
                yield seat.valid_from, seat.position

    def _here(self, two: Two) -> list[Mark]:
        return [mark for mark in self._met.get(two, ()) if self._window.holds(mark[0])]

    def _pair(self, two: Two, domains: Sequence[str]) -> Pair:
        met = [m for m in self._met.get(two, ()) if m[0] < self._window.opens or self._window.holds(m[0])]
        here = self._here(two)
        seats = self._seats(two) if self._space is None else []
        asked = self._asked.get(two, set())
        apart = not (here or seats or asked)
        decided = {
            mark for domain in domains for body in two for mark in self._decided.get((domain, body), ())
        }
        last = met[-1][0] if met else None
        return Pair(
            bodies=list(two),
            domains=list(domains),
            decisions=counted(decided),
            sessions=counted(here),
            seats=seats,
            asked=counted(asked),
            apart=apart,
            last_met=last,
            in_words=_words(len(here), len(seats), len(asked), last, self._space),
        )

    def _seats(self, two: Two) -> list[str]:
        """Who sat in both at once, at some time of the window; nobody sits who has left."""
        window, bodies = self._window, self._history.structure.bodies
        changes = {at for body in two for at in bodies.edges(body) if window.holds(at)}
        found: set[str] = set()
        for at in {window.opens, *changes}:
            one, other = ({actor for actor, _ in bodies.seating(body, at).weights} for body in two)
            found |= one & other
        return sorted(found)


def _two(one: str, other: str) -> Two:
    return (one, other) if one <= other else (other, one)


def in_space(space: str | None) -> str:
    """What is added to words of one space alone."""
    return "" if space is None else " in this space"


def _words(sessions: int, seats: int, asked: int, last: datetime | None, space: str | None) -> str:
    if sessions or seats or asked:
        found = [
            numbered(words, n=n)
            for n, words in (
                (sessions, "{n} {n:session|sessions}"),
                (seats, "{n} {n:seat|seats}"),
                (asked, "{n} {n:request|requests}"),
            )
            if n
        ]
        return "joined by " + " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
    where = in_space(space)
    return f"never met{where}" if last is None else f"not met{where} since {last.date().isoformat()}"
