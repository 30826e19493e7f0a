"""Uninformed: somebody the row informs is in no `communicated` of the decision within fourteen days.

Counted from each word that settled something, `made` or `overridden`, as long as it stands: what takes its
place is to be told in turn. A body is told when it is named or everyone who sits in it is; people are told
when a body they sit in is. Who decided knows, and who was gone need not be told. To be told of a question
before it is decided is to be told nothing. It begins when the days are over, and ends when they are told
after all or the decision is undone.
"""

from collections.abc import Iterator
from datetime import timedelta

from services.projections.history import Act, Decision, History
from services.projections.informed import knew
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import decisions_of, ended, scope_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.standing import restated
from services.projections.knots.stated import row_of
from services.projections.knots.wording import count, day, domain_name


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each of those not told, by domain."""
    patience = timedelta(days=settings.uninformed_days)
    spells = [
        spell
        for decision in history.decisions.values()
        for act in decision.acts
        for spell in _of(history, decision, act, patience)
    ]
    for episode in joined(spells, history.at):
        yield _found(history, episode, settings)


def _of(history: History, decision: Decision, act: Act, patience: timedelta) -> Iterator[Spell]:
    row = None if act.status == "apart" else row_of(history, act)
    if row is None or not row.informs or act.at + patience >= history.at:
        return
    due, undone = act.at + patience, ended(history, act)
    for holder in sorted(set(map(history.who, row.informs))):
        mark = knew(history, decision, act, holder)
        told = None if mark is None else mark[0]
        if (told is None or told > due) and history.structure.live(holder, due):
            until = min((end for end in (told, undone) if end is not None), default=None)
            entries = (act.position, row.position)
            yield Spell(scope_of(act), (holder,), due + _INSTANT, until, entries, (act,))


_INSTANT = timedelta(microseconds=1)  # on the last instant of the fourteenth day they may still be told


def _found(history: History, episode: Episode, settings: Settings) -> Found:
    (holder,) = episode.actors
    domain = episode.scope.partition("/")[2]
    late = max((spell.until or history.at) - spell.acts[0].at for spell in episode.current())
    still = sum(spell.until is None for spell in episode.spells)
    many = decisions_of(episode.acts)
    first, of = ("made", "it") if many == 1 else ("the first made", f"{still} of them")
    now = f" They have yet to be told of {of}." if still else ""
    return found(
        "uninformed",
        episode,
        figure=round(late.total_seconds() / 86_400, 1),
        unit="days",
        threshold=settings.uninformed_days,
        sentence=f"The row of {domain_name(history, domain)} informs {holder}, who was not told within "
        f"{count(settings.uninformed_days, 'day')} of {count(many, 'decision')}, {first} on "
        f"{day(episode.acts[0].at)}.{now}",
        stated=restated(
            history, domain, episode.since, lambda row: holder not in map(history.who, row.informs)
        ),
    )


PATTERNS = (
    Pattern(
        name="uninformed",
        episodes=episodes,
        why="Who must live with a decision hears of it by chance, or acts on one that no longer holds.",
        question="How do people here get to know what was decided, and who sees to it?",
        closes="Telling them, and recording that they were told.",
    ),
)
