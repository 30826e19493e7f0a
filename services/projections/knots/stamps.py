"""Rubber stamp: somebody approves everything, at once, and never says why.

In one domain, of the positions an actor took since they last gave a reason, the last on each question before
it was decided (what an amendment overtook counts only as a reason given): at least 35 approvals, Wilson's
lower bound of the approving part above 0.9, and a median response under an hour. A response is counted from
when the question was put: opened, amended or reopened. It begins with the position that makes it so, and ends
with a reason, or with the position that makes it so no more.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import NamedTuple

from schemas.decision import Amended, Made, Opened, PositionTaken, Reopened
from services.projections.history import Decision, History
from services.projections.knots.chance import wilson_lower
from services.projections.knots.knot import Found, Pattern, rule_severity
from services.projections.knots.settings import Settings
from services.projections.knots.spells import domain_stakes
from services.projections.knots.standing import restated
from services.projections.knots.stated import demands, domain_at
from services.projections.knots.wording import day, domain_name
from services.projections.wording import numbered


class Response(NamedTuple):
    """One position taken on a question that was put so many seconds earlier."""

    at: datetime
    position: int
    decision: str
    approves: bool
    reasoned: bool
    seconds: float


@dataclass(slots=True)
class _Streak:
    """The responses of one actor in one domain since the last reason."""

    responses: list[Response] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    approvals: int = 0

    def take(self, response: Response) -> None:
        if response.reasoned:
            self.responses, self.delays, self.approvals = [], [], 0
            return
        self.responses.append(response)
        insort(self.delays, response.seconds)
        self.approvals += response.approves

    def stamps(self, settings: Settings) -> bool:
        if self.approvals < settings.stamp_least:
            return False
        bound = wilson_lower(self.approvals, len(self.responses))
        quick = median(self.delays) < 60 * settings.stamp_minutes
        return bound is not None and bound > settings.stamp_bound and quick


class Shown(NamedTuple):
    """An episode: the responses of its streak up to its end, or up to now."""

    since: datetime
    until: datetime | None
    responses: Sequence[Response]


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each actor and domain."""
    taken: dict[tuple[str, str], list[Response]] = defaultdict(list)
    for decision in history.decisions.values():
        for domain, holder, response in _responses(history, decision):
            taken[domain, holder].append(response)
    for (domain, holder), responses in sorted(taken.items()):
        if len(responses) >= settings.stamp_least:
            for shown in _shown(sorted(responses), settings):
                yield _found(history, domain, holder, shown, settings)


def _responses(history: History, decision: Decision) -> Iterator[tuple[str, str, Response]]:
    put: datetime | None = None
    home: str | None = None
    last: dict[str, tuple[str, str, Response]] = {}
    for step in decision.steps:
        if isinstance(step.data, Opened | Made):
            home = step.data.domains[0]
        if isinstance(step.data, Made):
            yield from last.values()
        if isinstance(step.data, Made | Amended):
            last = {}
        if isinstance(step.data, Opened | Amended | Reopened):
            put = step.at
        elif isinstance(step.data, PositionTaken) and put is not None and home is not None:
            said = step.data
            response = Response(
                at=step.at,
                position=step.position,
                decision=decision.id,
                approves=said.value == "approve",
                reasoned=said.reason is not None,
                seconds=(step.at - put).total_seconds(),
            )
            domain = domain_at(history, home, step.at)
            whose = history.who(said.for_ or f"actor/{said.by}")
            one = domain, history.who(f"actor/{said.by}"), response
            if response.reasoned:  # a reason was given, whatever became of it
                last.pop(whose, None)
                yield one
            else:
                last[whose] = one
    yield from last.values()


def _shown(responses: Sequence[Response], settings: Settings) -> Iterator[Shown]:
    streak = _Streak()
    since: datetime | None = None
    begun = 0
    for place, response in enumerate(responses):
        streak.take(response)
        stamps = streak.stamps(settings)
        if stamps and since is None:
            since, begun = response.at, place + 1 - len(streak.responses)
        elif not stamps and since is not None:
            if since < response.at:
                yield Shown(since, response.at, responses[begun:place])
            since = None
    if since is not None:
        yield Shown(since, None, responses[begun:])


def _found(history: History, domain: str, holder: str, shown: Shown, settings: Settings) -> Found:
    responses = shown.responses
    decisions = {response.decision for response in responses}
    approvals = sum(response.approves for response in responses)
    minutes = median(response.seconds for response in responses) / 60
    ended = f", until {day(shown.until)}" if shown.until else ""
    return Found(
        pattern="rubber stamp",
        scope=f"domain/{domain}",
        actors=(holder,),
        since=shown.since,
        until=shown.until,
        severity=rule_severity([domain_stakes(history, domain, shown.since)]),
        figure=round(wilson_lower(approvals, len(responses)) or 0.0, 4),
        unit="part",
        threshold=settings.stamp_bound,
        decisions=len(decisions),
        entries=tuple(sorted(response.position for response in responses)),
        domain=domain,
        sentence=f"{holder} approved {approvals} of {len(responses)} times on {domain_name(history, domain)} "
        f"since {day(responses[0].at)}{ended}, never with a reason, half of them within "
        f"{numbered('{n} {n:minute|minutes}', n=round(minutes))}.",
        stated=restated(history, domain, shown.since, lambda row: not demands(history, row, holder)),
    )


PATTERNS = (
    Pattern(
        name="rubber stamp",
        episodes=episodes,
        why="An approval that always comes says nothing, and costs everybody the wait for it.",
        question="What would have to be in front of you for you to say no? If nothing, who needs your yes?",
        closes="A reason given, an approval that is not, or a row that no longer asks for it.",
    ),
)
