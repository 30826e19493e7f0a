"""Whether decisions were shared in a session and how soon; what sessions said, what became of it. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from services.projections.coordination.answer import Followed, Raised, Said, Sharing
from services.projections.coordination.meetings import Session
from services.projections.evidence import Mark, counted, rate
from services.projections.history import Act, History
from services.projections.lasting import Lasted, took
from services.projections.texts import same

_MOST: Final = 50
_NONE_MADE: Final = "nothing was decided in the window"
_WERE_SHARED = "{count} of {of} {of:decision|decisions} {count:was|were} shared in a session"


def sharing(
    acts: Sequence[Act],
    shared: Mapping[str, Sequence[Session]],
    begun: Mapping[str, Act],
    at: datetime,
    space: str | None = None,
) -> Sharing:
    """Of these acts, each decision once by its first; `shared` are the sessions of each decision, in order,
    and `begun` is the first act it ever had. They are all of one `space`, if it is named.

    What was decided anew is to be shared anew. A session that speaks of a decision before it was ever made
    announces it; it does not share it.
    """
    words = _WERE_SHARED if space is None else f"{_WERE_SHARED} of this space"
    first: dict[str, Act] = {}
    for act in acts:
        first.setdefault(act.decision, act)
    spans: list[Lasted] = []
    yes: list[Mark] = []
    no: list[Mark] = []
    before: list[Mark] = []
    for decision, act in first.items():
        mark = act.at, act.position
        met = shared.get(decision, ())
        after = next((session.step.at for session in met if session.step.at >= act.at), None)
        spans.append((act.at, after))
        (no if after is None else yes).append(mark)
        if met and met[0].step.at < begun.get(decision, act).at:
            before.append(mark)
    return Sharing(
        shared=rate(yes, len(first), words, _NONE_MADE),
        how_soon=took(spans, at, yes, "{half} {were} shared within {days}"),
        not_shared=counted(no),
        shared_before=counted(before),
    )


def by_decision(met: Sequence[Session]) -> Mapping[str, list[Session]]:
    """The sessions that named each decision."""
    found: dict[str, list[Session]] = defaultdict(list)
    for session in met:
        for decision in session.held.decisions:
            found[decision].append(session)
    return found


class Words(NamedTuple):
    """One text as it was first said, and the sessions that said it."""

    text: str
    sessions: list[Session]


def gathered(met: Sequence[Session], member: str) -> list[Words]:
    """The texts of one member, those of most sessions first, then the oldest."""
    found: dict[str, Words] = {}
    for session in met:
        for text in dict.fromkeys(getattr(session.held, member)):
            words = found.setdefault(same(text), Words(text, []))
            if not words.sessions or words.sessions[-1] is not session:
                words.sessions.append(session)
    return sorted(found.values(), key=lambda one: (-len(one.sessions), one.sessions[0].mark, same(one.text)))


def said(met: Sequence[Session], titles: "Titles") -> Said:
    """What these sessions brought up, and what of it bears the title of a decision."""
    obstacles = [_raised(words) for words in gathered(met, "obstacles")]
    return Said(
        obstacles_repeated=[one for one in obstacles if one.sessions.count > 1][:_MOST],
        obstacles=obstacles[:_MOST],
        insights=[_raised(words) for words in gathered(met, "insights")[:_MOST]],
        needs=[_followed(words, titles) for words in gathered(met, "needs")[:_MOST]],
        upcoming=[_followed(words, titles) for words in gathered(met, "upcoming")[:_MOST]],
    )


def _raised(words: Words) -> Raised:
    return _told(Raised, words)


def _told(of: Callable[..., Raised], words: Words, **more: object) -> Raised:
    marks = [session.mark for session in words.sessions]
    return of(
        text=words.text,
        sessions=counted(marks),
        spaces=sorted({session.space for session in words.sessions}),
        first=marks[0][0],
        last=marks[-1][0],
        **more,
    )


class Titled(NamedTuple):
    """A decision, and what it did when."""

    at: datetime
    decision: str
    decided_at: datetime | None


Titles: TypeAlias = Mapping[str, list[Titled]]


def titled(history: History) -> Titles:
    """By title, their own or their initiative's, the decisions that bear it."""
    found: dict[str, list[Titled]] = defaultdict(list)
    for id, decision in history.decisions.items():
        if not decision.steps:
            continue
        act = next(iter(decision.counted), None)
        titled = Titled(decision.steps[0].at, id, act.at if act else None)
        initiative = history.initiatives.get(decision.initiative or "")
        proposed = initiative.proposed if initiative is not None else None
        for title in {decision.title, proposed[1].title if proposed else None} - {None}:
            found[same(title or "")].append(titled)
    return found


def _followed(words: Words, titles: Titles) -> Followed:
    """The first decision of that title that was made, or else opened, after it was first said."""
    announced = words.sessions[0].step.at
    bearing = titles.get(same(words.text), ())
    made = [
        (one.decided_at, one.decision) for one in bearing if one.decided_at and one.decided_at >= announced
    ]
    begun = [(one.at, one.decision) for one in bearing if one.at >= announced]
    why = dict.fromkeys(("became", "decision"), "no decision that came after bears this title")
    if made or begun:
        why = {}
    if not made:
        why["decided_at"] = "nothing of that title was decided after"
    which = min(made or begun, default=None)
    found = _told(
        Followed,
        words,
        became="decided" if made else "opened" if begun else None,
        decision=which[1] if which else None,
        decided_at=which[0] if which and made else None,
        why_null=why,
    )
    assert isinstance(found, Followed)  # noqa: S101 — what was asked for
    return found


def marks(met: Sequence[Session]) -> list[Mark]:
    """What shows these sessions."""
    return [session.mark for session in met]
