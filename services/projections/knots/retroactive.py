"""Retroactive: the decision occurred in [`effective_from`, `time`) of the row or mandate that covers it.

It shows from when that was stated, and is info if that came less than a day after the decision. A mandate
covers a decision if one of those who decided holds it of another, and its limits are not exceeded. A knot
for each set of deciders in the row's domain; it ends when what they decided is reopened, overridden or
superseded.
"""

from collections.abc import Iterator

from schemas.decision import Made
from schemas.types import Size
from services.projections.facts.fact import Statement
from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import deciders_of, decision_of, ended, row_of, scope_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined
from services.projections.knots.standing import mandates_of
from services.projections.knots.wording import count, day, domain_name, listed, long
from services.projections.resolve import lent
from services.projections.resolve_mandate import within


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From when something was said to have been allowed before."""
    acts = [act for act in history.acts if act.status == "counted"]
    mandates = history.structure.matrix.all_mandates()
    late = frozenset(one.scope for one in mandates if one.valid_from < one.stated)
    for episode in joined((spell for act in acts for spell in _spells(history, act, late)), history.at):
        yield _found(history, episode, settings.retroactive_info_hours / 24)


def _spells(history: History, act: Act, late: frozenset[str]) -> Iterator[Spell]:
    for fact, what in _covering(history, act, late):
        if act.at < fact.stated:
            yield Spell(
                scope=scope_of(act),
                actors=tuple(sorted(act.node)),
                since=fact.stated,
                until=ended(history, act),
                entries=(fact.position,),
                acts=(act,),
                figure=(fact.stated - act.at).total_seconds() / 86_400,
                about=what,
            )


def _covering(history: History, act: Act, late: frozenset[str]) -> Iterator[tuple[Statement, str]]:
    """The row and the mandates it was made under; of mandates those for a scope that has `late` ones."""
    row = row_of(history, act)
    if row is not None and row.effective <= act.at:
        yield row, "the row"
    scopes = [f"decision/{act.decision}", *([f"initiative/{act.initiative}"] if act.initiative else [])]
    if late.isdisjoint((*scopes, *(f"domain/{domain}" for domain in act.scopes))):
        return
    deciders = deciders_of(history, act) | act.node.keys()
    size, held = _size(history, act), set[tuple[str, str]]()
    chain = history.structure.matrix.chain(act.home, act.at)
    for edge in lent(
        history.structure, act.decision, act.initiative, chain, size, act.stakes, act.at, history.at
    ):
        if edge.grantee in deciders:
            held.add((edge.grantor, edge.grantee))
    for mandate in mandates_of(history, act.home, act.at, *scopes) if held else ():
        pairs = {(history.who(mandate.grantor), history.who(grantee)) for grantee in mandate.grantees}
        if not held.isdisjoint(pairs) and within(mandate.limits, size, act.stakes) != "no":
            yield mandate, f"mandate/{mandate.mandate}"


def _size(history: History, act: Act) -> Size | None:
    told = decision_of(history, act).every(Made)
    sizes = [made.size for step, made in told if (step.at, step.position) <= (act.at, act.position)]
    return sizes[-1] if sizes else None


def _found(history: History, episode: Episode, soon: float) -> Found:
    longest = max(episode.current(), key=lambda spell: (spell.figure, -spell.entries[0]))
    act, made = longest.acts[0], len({act.decision for act in episode.acts})
    allows = "covers" if act.mandate == "no" else "allows"
    more = f"; {count(made, 'such decision')} in all" if made > 1 else ""
    return found(
        "retroactive",
        episode,
        figure=round(longest.figure, 3),
        unit="days",
        threshold=soon,
        severity="info" if longest.figure < soon else None,
        sentence=f"On {day(act.at)} {listed(episode.actors)} decided on {domain_name(history, act.home)}; "
        f"{longest.about} that {allows} it was stated {long(longest.figure)} later, on "
        f"{day(longest.since)}, as if it had held already{more}.",
        stated=episode.since,
    )


PATTERNS = (
    Pattern(
        name="retroactive",
        episodes=episodes,
        why="A rule made to fit what was done already tells everybody that doing comes before agreeing.",
        question="What made it necessary to decide before it was settled who may?",
        closes="Answer `formalise` if the row is to stand as it is; or decide anew, under it.",
    ),
)
