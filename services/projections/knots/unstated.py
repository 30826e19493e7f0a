"""Unstated: decisions where no row, own or inherited, was ever in force.

A knot lies in their home domain, for each set of deciders, from their first such decision until a row came
into force there.
"""

from collections.abc import Iterator

from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.wording import day, domain_name, listed, times


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From the first decision that nobody was stated to make."""
    acts = [act for act in history.acts if act.status == "counted" and act.row_domain is None]
    spells = [_spell(history, act) for act in acts if not history.in_force.ever(act.home, act.at)]
    for episode in joined(spells, history.at):
        yield _found(history, episode)


def _spell(history: History, act: Act) -> Spell:
    row = history.in_force.next(act.home, act.at)
    until = None if row is None else row.since
    return Spell(f"domain/{act.home}", tuple(sorted(act.node)), act.at, until, (act.position,), (act,))


def _found(history: History, episode: Episode) -> Found:
    made = len({act.decision for act in episode.acts})
    when = f"on {day(episode.since)}" if made == 1 else f"{times(made)} since {day(episode.since)}"
    mended = f"; there is one since {day(episode.until)}" if episode.until else ""
    return found(
        "unstated",
        episode,
        figure=made,
        unit="decisions",
        sentence=f"Nobody had ever stated who decides on {domain_name(history, episode.acts[0].home)}: "
        f"{listed(episode.actors)} decided {when} without a row, "
        f"here or above{mended}.",
        stated=episode.until,
    )


PATTERNS = (
    Pattern(
        name="unstated",
        episodes=episodes,
        why="Where nobody has said who decides, whoever acts takes a risk and whoever waits has a reason.",
        question="Who should decide here, and would all who are concerned give the same answer today?",
        closes="A row of the matrix for this domain, or for one above it.",
    ),
)
