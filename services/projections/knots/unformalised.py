"""Unformalised: a decision that was `tacit`, or made without `ref`, until it was `formalised`.

It ends too when it is made anew, overridden, reopened or superseded. A knot for each set of deciders in the
row's domain, from the first such decision that they had not written down until none was left.
"""

from collections.abc import Iterator

from schemas.decision import Formalised, Made, Overridden, Reopened, Superseded
from services.projections.facts.matrix import Row
from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import decision_of, scope_of, step_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.standing import restated
from services.projections.knots.wording import count, day, domain_name, listed


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From the first decision that is written down nowhere."""
    acts = [act for act in history.acts if act.word == "made" and act.status != "apart"]
    for episode in joined((spell for act in acts for spell in _spells(history, act)), history.at):
        yield _found(history, episode)


def _spells(history: History, act: Act) -> Iterator[Spell]:
    step = step_of(history, act)
    if not isinstance(step.data, Made) or (step.data.ref is not None and step.data.formality != "tacit"):
        return
    after = decision_of(history, act).after(step, Formalised, Made, Overridden, Reopened, Superseded)
    yield Spell(
        scope=scope_of(act),
        actors=tuple(sorted(act.node)),
        since=act.at,
        until=after.at if after else None,
        entries=(act.position,),
        acts=(act,),
        about="tacit" if step.data.formality == "tacit" else "",
    )


def _found(history: History, episode: Episode) -> Found:
    current = episode.current()
    domain = episode.scope.partition("/")[2]
    deciders = set(episode.actors)
    made = len({spell.acts[0].decision for spell in current})
    who = listed(episode.actors) or "somebody unknown"
    tacit = len({spell.acts[0].decision for spell in current if spell.about})
    silent = f", {tacit} of them tacitly" if 0 < tacit < made else " tacitly" if tacit else ""
    still = "is" if made == 1 else "are"
    if episode.until is not None:
        still = "was" if made == 1 else "were"
    until = f" until {day(episode.until)}" if episode.until else ""
    when = f"{'on' if made == 1 else 'since'} {day(current[0].since)}"
    what = f"{count(made, 'decision')} on {domain_name(history, domain)}"

    def names(row: Row) -> bool:
        return bool(deciders) and deciders <= {history.who(part.holder) for part in row.decides}

    return found(
        "unformalised",
        episode,
        figure=made,
        unit="decisions",
        sentence=f"{what}, made{silent} by {who} {when}, {still} written down nowhere{until}.",
        stated=restated(history, domain, episode.since, names),
        acts=[spell.acts[0] for spell in current],
        latest=current[-1].since,
    )


PATTERNS = (
    Pattern(
        name="unformalised",
        episodes=episodes,
        why="What is decided but not written down is known to few, and each remembers it differently.",
        question="Who should have known of these decisions, and how would they have come to know?",
        closes="`formalised`, or a correction, with where each can be read; or a row stated since then that "
        "names those who decide here, answered `formalise`.",
    ),
)
