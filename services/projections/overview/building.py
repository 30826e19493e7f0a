"""The whole of an overview. Pure."""

from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlencode

import msgspec

from services.projections.cases import Narrowing
from services.projections.chosen import Chosen
from services.projections.evidence import positions
from services.projections.flow.answer import Leg
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.flow.told import in_days
from services.projections.history import History
from services.projections.knots.settings import Settings
from services.projections.overview import statements
from services.projections.overview.answer import Conversation, Conversations, Flowing, Overview, Period
from services.projections.overview.authority import Authority
from services.projections.overview.period import PeriodOf
from services.projections.views import knots
from services.projections.views.answer import RestsOn
from services.projections.views.question import FIRST, Question, Window

_KNOTS: Final = 10
_KNOWN: Final = "with a known proposal in this period"
_BEFORE: Final = "in the period before"


class _Part(Protocol):
    @property
    def in_words(self) -> str: ...


def overview(
    rests_on: RestsOn, history: History, settings: Settings, question: Question, days: int
) -> Overview:
    """The answer: the `days` up to the history's instant, beside as many before them."""
    windows = _windows(history.at, days)
    periods = _periods(history, question, windows)
    before, now = periods
    path = _Paths(rests_on, question, windows)
    authority = Authority(history, question, windows, periods)
    lens = question.lens
    sits, moving = (
        authority.sits(path.of_acts("authority", lens=lens)),
        authority.moving(path.of_acts("authority", by="domain", lens=lens)),
    )
    drift = path.of_acts("drift", lens=lens)
    drifting = statements.drifting(history, before, now, lens, drift)
    unstated = statements.unstated(history, now, drift)
    conversations = _conversations(rests_on, history, settings, question, path)
    flowing = _flow(history, question, windows, path.of_acts("flow"))
    coverage = statements.coverage(now)
    parts: tuple[_Part, ...] = (sits, moving, drifting, unstated, conversations, flowing, coverage)
    return Overview(
        rests_on=rests_on,
        domain=question.domain,
        body=question.body,
        lens=lens,
        attested=question.attested,
        in_words=[_sentence(title, one.in_words) for title, one in zip(_TITLES, parts, strict=True)],
        now=Period(from_=_told(rests_on, windows[1].start), to=rests_on.at, decisions=now.all.n),
        before=Period(
            from_=_told(rests_on, windows[0].start),
            to=_told(rests_on, windows[0].end),
            decisions=before.all.n,
        ),
        sits=sits,
        moving=moving,
        drifting=drifting,
        unstated=unstated,
        conversations=conversations,
        flow=flowing,
        coverage=coverage,
    )


def _told(rests_on: RestsOn, at: datetime | None) -> datetime | None:
    """No instant is told where nothing was recorded, nor asked about."""
    return None if rests_on.at is None else at


_TITLES: Final = (
    "Where authority sits",
    "Where it is moving",
    "Stated and done",
    "Unstated",
    "Worth a conversation",
    "Flow",
    "How sure this is",
)


def _sentence(title: str, words: str) -> str:
    return f"{title}: {words}."


def _windows(at: datetime, days: int) -> tuple[Window, Window]:
    """The period before, and the last one, which has no end but `at` itself."""
    try:
        start = at - timedelta(days=days)
        return Window(start - timedelta(days=days), start), Window(start, None)
    except OverflowError:
        return Window(FIRST, FIRST), Window(FIRST, None)


def _periods(
    history: History, question: Question, windows: tuple[Window, Window]
) -> tuple[PeriodOf, PeriodOf]:
    acts = list(Chosen(history, question).acts())
    before, now = (
        PeriodOf(
            [
                act
                for at, act in acts
                if (window.start is None or at >= window.start) and (window.end is None or at < window.end)
            ]
        )
        for window in windows
    )
    return before, now


class _Paths:
    """Paths of the views that say more, asked the same."""

    def __init__(self, rests_on: RestsOn, question: Question, windows: tuple[Window, Window]) -> None:
        self._ledger = rests_on.ledger
        self._start = windows[1].start
        self._as_of = {"at": rests_on.at and _text(rests_on.at), "known_at": str(rests_on.position)}
        self._question = question

    def of_acts(self, view: str, **more: str) -> str:
        """Of a view that takes a window, and which decisions count."""
        start = _text(self._start) if self._start and self._as_of["at"] else None
        return self(view, **{"from": start, "attested": self._question.attested, **more})

    def __call__(self, view: str, **more: str | None) -> str:
        asked = {"domain": self._question.domain, "body": self._question.body, **more, **self._as_of}
        given = {name: value for name, value in asked.items() if value is not None}
        return f"/v1/ledgers/{self._ledger}/{view}?{urlencode(given)}"


def _text(at: datetime) -> str:
    return msgspec.json.encode(at).decode().strip('"')


def _conversations(
    rests_on: RestsOn, history: History, settings: Settings, question: Question, path: "_Paths"
) -> Conversations:
    answer = knots.knots(knots.Asked(domain=question.domain, body=question.body), history, settings, rests_on)
    first: dict[str, knots.Knot] = {}
    for one in answer.knots:  # the gravest first, then the oldest
        first.setdefault(one.pattern, one)
    shown = [_conversation(one, path) for one in list(first.values())[:_KNOTS]]
    words = answer.in_words + (f"; first of all: {shown[0].sentence.rstrip('.')}" if shown else "")
    return Conversations(
        in_words=words,
        counts=answer.counts,
        raised=len(answer.raised),
        knots=shown,
        link=path("knots"),
    )


def _conversation(one: knots.Knot, path: "_Paths") -> Conversation:
    link = path("knots", pattern=one.pattern)
    same = {
        name: getattr(one, name) for name in Conversation.__struct_fields__ if name not in ("knot", "link")
    }
    return Conversation(knot=one.id, link=link, **same)


def _flow(history: History, question: Question, windows: tuple[Window, Window], link: str) -> Flowing:
    taken = found(history, Narrowing.of(question))
    before, now = flow(history, taken, windows)
    leg, leg_before = (
        next(leg for leg in one.legs if (leg.from_, leg.to) == ("proposed", "made")) for one in (now, before)
    )
    most = now.waiting.rows[0] if now.waiting.rows else None
    why = {} if leg.p50_days is not None else {"proposed_to_made_days": leg.why_null["p50_days"]}
    if leg_before.p50_days is None:
        why["before_days"] = leg_before.why_null["p50_days"]
    if now.open_work.oldest_days is None:
        why["oldest_days"] = now.open_work.why_null["oldest_days"]
    if most is None:
        why |= dict.fromkeys(("waited_on", "waited_days"), now.waiting.why_null["in_words"])
    words = _decided(leg, f"initiative or decision {_KNOWN}", f"initiatives and decisions {_KNOWN}")
    words += f"; {_decided(leg_before, _BEFORE, _BEFORE) if leg_before.n else f'none {_BEFORE}'}"
    words += f"; {now.open_work.in_words}" if now.open_work.in_words else "; nothing is open"
    words += f"; {now.waiting.in_words}" if now.waiting.in_words else ""
    return Flowing(
        in_words=words,
        proposed_to_made_days=leg.p50_days,
        before_days=leg_before.p50_days,
        open=now.open_work.n,
        oldest_days=now.open_work.oldest_days,
        waited_on=most.holder if most else None,
        waited_days=most.days if most else None,
        why_null=why,
        entries=positions([(history.at, position) for position in leg.entries]),
        link=link,
    )


def _decided(leg: Leg, one: str, many: str) -> str:
    """How many went from a proposal to a decision, or do so still, and within how long half of them did."""
    if leg.n == 0:
        return f"no {one} waited to be decided"
    if leg.n == 1:
        told = "is not decided yet" if leg.p50_days is None else f"was decided within {in_days(leg.p50_days)}"
        return f"the one {one} {told}"
    if leg.p50_days is None:
        return f"fewer than half of {leg.n} {many} are decided so far"
    return f"half of {leg.n} {many} were decided within {in_days(leg.p50_days)}"
