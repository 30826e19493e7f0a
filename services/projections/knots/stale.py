"""Stale statement: the row still names someone who left, was merged, or a body dissolved, > 30 days on.

Named is whoever decides, contributes, is informed, accountable or escalated to, or may amend. A knot for
each of them, from the thirtieth day until the row is replaced, its domain is retired or they are
back; a row that is set later names them wrongly at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from services.projections.facts.matrix import Row
from services.projections.history import History
from services.projections.in_force import Reign
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, domain_stakes, found, joined
from services.projections.knots.standing import until_retired
from services.projections.knots.wording import count, day, domain_name, period

Gone = tuple[datetime, datetime | None, int, str]
"""Since when, until when, by which entry, and how one would say it."""


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From when somebody had been gone for too long."""
    grace = timedelta(days=settings.stale_days)
    matrix = history.structure.matrix
    spells = [
        spell
        for domain in matrix.domains()
        for reign in history.in_force.own(domain)
        if reign.row is not None
        for spell in _spells(history, reign, reign.row, grace)
    ]
    for episode in joined(spells, history.at):
        yield _found(history, episode, settings)


def _spells(history: History, reign: Reign, row: Row, grace: timedelta) -> Iterator[Spell]:
    parts = _named(row)
    ended = until_retired(history.structure, row.domain, reign.until)
    for holder in sorted(parts):
        for gone, back, position, words in _gone(history, holder):
            since = max(gone + grace, reign.since)
            until = min((end for end in (ended, back) if end is not None), default=None)
            named = f"{holder} ({parts[holder]}), {words} on {day(gone)}"
            yield Spell(
                scope=f"domain/{row.domain}",
                actors=(history.who(holder),),
                since=since,
                until=until,
                entries=(row.position, position),
                figure=(min(until or history.at, history.at) - gone).total_seconds() / 86_400,
                stakes=domain_stakes(history, row.domain, reign.since),
                about=_says(history, named, until, back if until == back != ended else None),
            )


def _says(history: History, named: str, until: datetime | None, back: datetime | None) -> str:
    """That it names them still, did until it was replaced, or that they came back."""
    if until is None or until > history.at:
        return f"still names {named}"
    return f"named {named} and was back on {day(back)}" if back else f"until {day(until)} named {named}"


def _named(row: Row) -> dict[str, str]:
    """Whom a row names, as it is written, and as what first of all."""
    named = {part.holder: "who decides" for part in reversed(row.decides)}
    others = (
        *((row.accountable, "accountable") for _ in range(1) if row.accountable),
        *((one.holder, "to be consulted") for one in row.contributes),
        *((holder, "to be informed") for holder in row.informs),
        *((row.escalates_to, "to escalate to") for _ in range(1) if row.escalates_to),
        *((part.holder, "who may amend it") for part in row.amends),
    )
    for holder, words in others:
        named.setdefault(holder, words)
    return named


def _gone(history: History, holder: str) -> Iterator[Gone]:
    structure = history.structure
    kind, _, id = holder.partition("/")
    if kind == "body":
        if (end := structure.bodies.dissolution(id)) is not None:
            yield end.valid_from, None, end.position, "which was dissolved"
        return
    if (merge := structure.actors.merge(id)) is not None and merge.occurred is not None:
        yield merge.occurred, None, merge.position, f"who turned out to be {history.who(holder)}"
    who = history.who(holder)[6:]
    positions = {one.valid_from: one.position for one in structure.actors.absences(who)}
    for since, until in structure.actors.away(who):
        yield since, until, positions[since], "who left"


def _found(history: History, episode: Episode, settings: Settings) -> Found:
    domain = episode.scope.partition("/")[2]
    current = next(spell for spell in episode.spells if spell.until == episode.until)
    acts = [
        act
        for act in history.acts
        if act.status == "counted"
        and act.row_domain == domain
        and episode.since <= act.at
        and (episode.until is None or act.at < episode.until)
    ]
    made = count(len({act.decision for act in acts}), "decision")
    return found(
        "stale statement",
        episode,
        figure=round(max(spell.figure for spell in episode.spells if spell.until == episode.until), 1),
        unit="days",
        threshold=settings.stale_days,
        sentence=f"The row of {domain_name(history, domain)} {current.about}; {made} "
        f"{period(episode.since, episode.until)}.",
        stated=episode.until,
        acts=acts,
    )


PATTERNS = (
    Pattern(
        name="stale statement",
        episodes=episodes,
        why="A matrix that names people who are gone is not looked at, and soon not believed.",
        question="Who has taken over what this row asks of them, and do they know it?",
        closes="A row that names who is there.",
    ),
)
