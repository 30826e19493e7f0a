"""What the dossiers of decisions and of initiatives have in common. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from schemas import debrief, experiment, initiative, knot, lesson
from services.projections.cases import Cases
from services.projections.dossier.answer import (
    AdviceSaid,
    Asked,
    Based,
    Happened,
    Later,
    Learnt,
    Leg,
    Links,
    Raised,
    Reply,
    Shared,
)
from services.projections.dossier.telling import doers, told, what
from services.projections.flow.stages import SKIPPED, legs, pieces
from services.projections.flow.told import DAY, in_days
from services.projections.history import Consultation, Decision, History, Step, Stream
from services.projections.views.answer import RestsOn
from services.projections.views.stated import Describing, Lent
from services.projections.waits import speaks

Told = tuple[str, Step]
"""A subject, and something that occurred to it."""


def days(span_from: datetime, until: datetime) -> float:
    """Days between two instants."""
    return (until - span_from) / DAY


def entry(history: History, step: Step) -> dict[str, Any]:
    """The fields of an `Entry`."""
    return {
        "at": step.at,
        "position": step.position,
        "corrected_by": history.corrected.get(step.position),
    }


def consulted(history: History, about: Sequence[str], of: Iterable[Decision]) -> list[Asked]:
    """The consultations about any of these, in order of their requests; `of`: the decisions they are held
    against, one about a decision against that one alone."""
    settled = {f"decision/{one.id}": act.at for one in of for act in one.acts if act.status != "apart"}
    last = max(settled.values(), default=None)
    found = [one for subject in about for one in history.consulted.get(subject, ())]
    told = [_asked(history, one, last if _of_more(one) else settled.get(one.about or "")) for one in found]
    return sorted(told, key=lambda one: (one.at, one.position))


def _of_more(one: Consultation) -> bool:
    """About an initiative, which any of its decisions may take up."""
    return not (one.about or "").startswith("decision/")


def _asked(history: History, one: Consultation, decided: datetime | None) -> Asked:
    assert one.requested is not None, "it is about something"  # noqa: S101 — what `consulted` looks it up by
    step, said = one.requested
    advice = [_advice(history, one, given, decided) for given, _ in one.advice]
    named = sorted(set(map(history.who, said.asked)))
    closed = one.closed
    return Asked(
        **entry(history, step),
        consultation=one.id,
        about=said.about,
        by=history.who(f"actor/{said.by}"),
        asked=named,
        mandatory=said.mandatory,
        due=said.due,
        advice=advice,
        silent=_silent(history, named, one),
        closed=closed[1].reason if closed else None,
        closed_at=closed[0].at if closed else None,
        closed_position=closed[0].position if closed else None,
    )


def _silent(history: History, named: Sequence[str], one: Consultation) -> list[str]:
    """Of those asked by name, who said nothing; nobody where somebody unnamed spoke: it may have been any."""
    spoke = [(given.by, step.at) for step, given in one.advice if given.by is not None]
    if len(spoke) < len(one.advice):
        return []
    return [holder for holder in named if not any(speaks(history, by, holder, at) for by, at in spoke)]


def _advice(history: History, one: Consultation, step: Step, decided: datetime | None) -> AdviceSaid:
    data: Any = step.data
    answer = one.answer(step)
    return AdviceSaid(
        **entry(history, step),
        by=None if data.by is None else history.who(f"actor/{data.by}"),
        stance=data.stance,
        explained=data.text is not None,
        in_time=None if decided is None else step.at < decided,
        answered=None
        if answer is None
        else Reply(
            **entry(history, answer[0]),
            by=history.who(f"actor/{answer[1].by}"),
            disposition=answer[1].disposition,
            reason=answer[1].reason,
        ),
        ref=data.ref,
    )


def following(history: History, subjects: Iterable[str]) -> dict[str, Stream]:
    """The debriefs, lessons and experiments about any of these, and about one another, by subject."""
    kinds = {"debrief": history.debriefs, "lesson": history.lessons, "experiment": history.experiments}
    left = {f"{kind}/{id}": stream for kind, streams in kinds.items() for id, stream in streams.items()}
    found: dict[str, Stream] = {}
    named = set(subjects)
    while new := {one for one, stream in left.items() if not named.isdisjoint(_about(stream))}:
        found |= {one: left.pop(one) for one in new}
        named = new
    return found


def _about(stream: Stream) -> Iterator[str]:
    said = (_said_about(step.data) for step in stream.steps)
    yield from (about for about in said if about is not None)


def _said_about(data: Any) -> str | None:
    match data:
        case debrief.Held(about=about) | lesson.Recorded(from_=about):
            return str(about)
        case experiment.Started(initiative=id) if id is not None:
            return f"initiative/{id}"
    return None


def learnt(history: History, subjects: Iterable[str]) -> dict[str, list[Learnt]]:
    """The fields `debriefs`, `lessons` and `experiments`."""
    found = following(history, subjects)
    steps = in_order(found)
    return {
        f"{kind}s": [_learnt(history, one, step) for one, step in steps if one.startswith(f"{kind}/")]
        for kind in ("debrief", "lesson", "experiment")
    }


def _learnt(history: History, subject: str, step: Step) -> Learnt:
    data: Any = step.data
    texts: dict[str, list[str]] = {}
    match data:
        case debrief.Held():
            texts = {name: list(getattr(data, name)) for name in ("worked", "failed", "adjustments")}
        case lesson.Recorded(text=text):
            texts = {"text": [text]}
        case experiment.Started(hypothesis=hypothesis):
            texts = {"hypothesis": [hypothesis]}
        case experiment.Concluded(evidence=evidence) if evidence:
            texts = {"evidence": [evidence]}
    return Learnt(
        **entry(history, step),
        subject=subject,
        about=_said_about(data),
        what=what(step),
        in_words=told(history, step),
        ends_at=getattr(data, "ends_at", None),
        texts=texts,
    )


def shared(history: History, decisions: frozenset[str]) -> list[Shared]:
    """The sessions in which any of these decisions was shared."""
    found = [
        Shared(
            **entry(history, step),
            space=space.id,
            name=space.opened[1].name if space.opened else None,
            attendees=len(set(map(history.who, held.attendees))),
        )
        for space in history.spaces.values()
        for step, held in space.sessions
        if not decisions.isdisjoint(held.decisions)
    ]
    return sorted(found, key=lambda one: (one.at, one.position))


def based(history: History, subjects: frozenset[str]) -> list[Based]:
    """The rows that rest on any of these."""
    matrix = history.structure.matrix
    return [
        Based(domain=row.domain, position=row.position, stated=row.stated, basis=row.basis)
        for domain in sorted(matrix.domains())
        for row in matrix.rows(domain)
        if row.basis in subjects and row.basis is not None and row.stated <= history.at
    ]


def raised(history: History, subjects: frozenset[str]) -> list[Raised]:
    """The knots that people raised about any of these."""
    return [
        Raised(
            **entry(history, step),
            knot=id,
            pattern=said.pattern,
            by=history.who(f"actor/{said.by}"),
            entries=list(said.entries),
            responses=[answer.response for _, answer in stream.every(knot.Answered)],
        )
        for id, stream in sorted(history.knots.items())
        for step, said in stream.every(knot.Raised)
        if not subjects.isdisjoint(said.about)
    ]


def lent(history: History, scopes: Collection[str]) -> list[Lent]:
    """The mandates that were ever given for any of these subjects."""
    describing = Describing(history.structure, history.at)
    given = [
        (mandate, describing.mandate(mandate))
        for mandate in history.structure.matrix.all_mandates()
        if mandate.scope in scopes and mandate.stated <= history.at
    ]
    return [
        msgspec.structs.replace(told, until=mandate.valid_to) if mandate.valid_to <= history.at else told
        for mandate, told in given
    ]


def took(history: History, subjects: Collection[str]) -> list[Leg]:
    """How long each leg of these pieces of work took, since the last reopening of each."""
    named = frozenset(subjects)
    piece = [one for one in pieces(Cases(history)) if one.of in named]
    found: list[Leg] = []
    for (start, end), lapses in legs(history, piece).items():
        for lapse in lapses:
            lasted = None if lapse.how else lapse.lasted / DAY
            found.append(
                Leg(
                    of=lapse.of,
                    from_=start,
                    to=end,
                    since=lapse.start,
                    until=lapse.end if lapse.ended else None,
                    days=lasted,
                    in_words=_leg(start, end, lasted, ended=lapse.ended, skipped=lapse.how == SKIPPED),
                    entries=list(lapse.entries),
                )
            )
    return found


def _leg(start: str, end: str, lasted: float | None, *, ended: bool, skipped: bool) -> str:
    if lasted is None:
        return f"never {end}, but went on" if skipped else f"{end} before it was {start}"
    return f"{in_days(lasted)} until it was {end}" if ended else f"not {end} after {in_days(lasted)}"


def timeline(history: History, steps: Iterable[Told]) -> list[Happened]:
    """Everything in the order in which it occurred."""
    ordered = sorted(steps, key=lambda one: one[1][:2])
    return [
        Happened(
            **entry(history, step),
            subject=subject,
            what=what(step),
            by=doers(history, step),
            in_words=told(history, step),
            day=round(days(ordered[0][1].at, step.at), 3),
        )
        for subject, step in ordered
    ]


def everything(history: History, about: Sequence[str], decisions: frozenset[str]) -> Iterator[Told]:
    """What was said beside the subject's own words: advice, learning, sessions that shared it, knots."""
    for subject in about:
        for consultation in history.consulted.get(subject, ()):
            yield from ((f"consultation/{consultation.id}", step) for step in consultation.steps)
    yield from in_order(following(history, about))
    held = {session.position for session in shared(history, decisions)}
    for space in history.spaces.values():
        yield from ((f"space/{space.id}", step) for step in space.steps if step.position in held)
    named = {one.knot for one in raised(history, frozenset(about))}
    yield from ((f"knot/{id}", step) for id, step in in_order(history.knots) if id in named)


def in_order(streams: dict[str, Stream]) -> list[tuple[str, Step]]:
    """The steps of several streams, in order of time."""
    steps = [(id, step) for id, stream in streams.items() for step in stream.steps]
    return sorted(steps, key=lambda one: one[1][:2])


def later(history: History, step: Step) -> Later:
    """Something that became of it."""
    return Later(
        **entry(history, step),
        what=what(step),
        by=doers(history, step),
        in_words=told(history, step),
        ref=getattr(step.data, "ref", None),
    )


def proposers(history: History, said: initiative.Proposed | None) -> list[str]:
    """Who put it forward, after merges."""
    return [] if said is None else sorted(set(map(history.who, said.proposers)))


def links(rests_on: RestsOn, home: str | None, decision: str | None = None) -> Links:
    """Where more is said about the home domain, and the knots it is part of; asked of the same moment."""
    here, moment = f"/v1/ledgers/{rests_on.ledger}", {"known_at": str(rests_on.position)}
    if rests_on.at is not None:
        moment["at"] = rests_on.at.isoformat()
    in_home, of = (
        {"domain": home or ""},
        {"domain": home or ""} if decision is None else {"decision": decision},
    )
    domain = quote(home or "", safe="")
    return Links(
        domain=f"{here}/matrix?{urlencode(in_home | moment)}" if home else None,
        remit=f"{here}/domains/{domain}/remit?{urlencode(moment)}" if home else None,
        knots=f"{here}/knots?{urlencode(of | {'state': 'all'} | moment)}" if home or decision else None,
        authority=f"{here}/authority?{urlencode(in_home | moment)}" if home else None,
    )
