"""Overlap: two holders each decided alone >= 3 times in one domain, interleaved within 90 days, neither
mandated by the other, no `any` rule that says so.

Interleaved: of the decisions these two made alone in the home domain, at least two in a row are one's after
the other's, within 90 days, and not because authority was handed over: each in mandate by what was stated at
the time, which let them decide and not the other. It begins anew once a rule lets any of the two decide,
themselves or for two who lent them that, one holds a mandate of the other for the domain, or one is gone:
this is how a knot ends. A knot for each two. What had been escalated to the one who decided, as the row
says, or was an emergency and ratified in time, is no turn of theirs.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from schemas.types import Any
from services.projections.history import Act, History
from services.projections.knots.excused import besides, excused
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined, last_moment, phased
from services.projections.knots.standing import edges, mandates_of, restated
from services.projections.knots.wording import domain_name, period, times
from services.projections.resolve import lent, live_weights
from services.projections.resolve_mandate import decided, represented

Pair = tuple[str, str]


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From the decision that made it so."""
    for domain, acts in sorted(_alone(history).items()):
        turns = Counter(holder for act in acts for holder in act.node)
        often = sorted(holder for holder, n in turns.items() if n >= settings.overlap_least)
        for pair in combinations(often, 2):
            yield from _episodes(history, settings, domain, pair, acts)


def _alone(history: History) -> Mapping[str, Sequence[Act]]:
    found: dict[str, list[Act]] = defaultdict(list)
    for act in history.acts:
        if act.status == "counted" and len(act.node) == 1 and not excused(history, act, *act.node):
            found[act.home].append(act)
    return found


def _episodes(
    history: History, settings: Settings, domain: str, pair: Pair, acts: Sequence[Act]
) -> Iterator[Found]:
    mine = [act for act in acts if not act.node.keys().isdisjoint(pair)]
    if not _interleaved(mine, settings):
        return
    held: dict[datetime, list[Act]] = {}
    states = _states(history, settings, domain, pair, mine, held)
    spells = [Spell(f"domain/{domain}", pair, since, until, ()) for _, since, until in phased(states)]
    for episode in joined(spells, history.at):
        yield _found(history, settings, domain, held[episode.since], episode)


def _states(
    history: History,
    settings: Settings,
    domain: str,
    pair: Pair,
    acts: Sequence[Act],
    held: dict[datetime, list[Act]],
) -> Iterator[tuple[datetime, bool | None]]:
    """Whether it held after each turn and each change of what is stated; `held`: the turns, by the start."""
    points: list[tuple[datetime, Act | None]] = [(act.at, act) for act in acts]
    points += [(edge, None) for edge in _edges(history, domain, pair) if edge <= history.at]
    turns: list[Act] = []
    holds = False
    for at, act in sorted(points, key=lambda point: (point[0], point[1].position if point[1] else 0)):
        if _allowed(history, domain, pair, at, act):
            turns, holds = [], False
        elif act is not None:
            turns.append(act)
            if not holds and _interleaved(turns, settings):
                holds, held[at] = True, turns
        yield at, holds or None


def _edges(history: History, domain: str, pair: Pair) -> set[datetime]:
    """When who is there, who sits where, the row, the stakes or a mandate may have changed."""
    structure, reigns = history.structure, history.in_force.reigns(domain)
    found = {reign.since for reign in reigns}
    holders = {*pair, *(part.holder for reign in reigns if reign.row for part in reign.row.decides)}
    above = {one for reign in reigns for one in reign.chain} | {domain}
    for mandate in structure.matrix.all_mandates():
        if mandate.scope.removeprefix("domain/") in above:
            found |= {mandate.valid_from, mandate.valid_to}
            holders |= set(mandate.grantees)
    found |= {told.valid_from for one in above for told in structure.matrix.tellings(one)}
    return found | edges(structure, map(history.who, holders))


def _allowed(history: History, domain: str, pair: Pair, at: datetime, act: Act | None) -> bool:
    structure = history.structure
    if not all(structure.live(holder, at) for holder in pair):
        return True
    scopes = []
    if act is not None:
        scopes = [f"decision/{act.decision}", *([f"initiative/{act.initiative}"] if act.initiative else [])]
    for mandate in mandates_of(history, domain, at, *scopes):
        grantor, grantees = history.who(mandate.grantor), set(map(history.who, mandate.grantees))
        if any(grantor == one and other in grantees for one, other in (pair, pair[::-1])):
            return True
    return _any_of(history, domain, pair, at)


def _any_of(history: History, domain: str, pair: Pair, at: datetime) -> bool:
    """Whether a rule says that either decides alone: by themselves or for a body among the row's holders; or
    one for a holder who lent them that, and the other for another.
    """
    structure = history.structure
    chain = structure.matrix.chain(domain, at)
    row = structure.matrix.row(chain, at, history.at)
    if row is None or not isinstance(row.rule, Any):
        return False
    named = {holder for holder, _ in live_weights(structure, row.decides, at)}
    if all(named.intersection(decided(structure, {holder}, named, {}, at)) for holder in pair):
        return True
    loans = lent(structure, None, None, chain, None, structure.matrix.stakes(chain, at), at, history.at)
    sure = [edge._replace(redelegable=edge.surely_redelegable) for edge in loans if edge.sure]
    reached = named.union(edge.grantee for edge in sure)
    theirs = [
        named.intersection(represented(decided(structure, {holder}, reached, {}, at), sure))
        for holder in pair
    ]
    return all(theirs) and len(theirs[0] | theirs[1]) > 1


def _interleaved(turns: Sequence[Act], settings: Settings) -> bool:
    made = Counter(holder for act in turns for holder in act.node)
    if len(made) < 2 or min(made.values()) < settings.overlap_least:
        return False
    within = timedelta(days=settings.overlap_days)
    changes = [
        b
        for a, b in pairwise(turns)
        if a.node.keys() != b.node.keys() and b.at - a.at <= within and not _handed_over(a, b)
    ]
    return len(changes) >= 2


def _handed_over(before: Act, after: Act) -> bool:
    """Whether each was the one of the two whom what was stated at that time let decide."""
    return before.mandate == after.mandate == "yes" and all(
        mine.stated_node.keys() >= mine.node.keys() and mine.stated_node.keys().isdisjoint(other.node)
        for mine, other in ((before, after), (after, before))
    )


def _found(
    history: History, settings: Settings, domain: str, turns: Sequence[Act], episode: Episode
) -> Found:
    first, second = episode.actors
    made = Counter(holder for act in turns for holder in act.node)
    apart = "no rule lets both decide alone, and neither has"
    if episode.until is not None:
        apart = "no rule let both decide alone, and neither had"
    within = all(act.mandate == "yes" for act in turns)
    lent = ", though each of these decisions was in mandate" if within else ""
    return found(
        "overlap",
        episode,
        figure=min(made.values()),
        unit="decisions",
        threshold=settings.overlap_least,
        sentence=f"{first} and {second} each decided alone on {domain_name(history, domain)}, in turn: "
        f"{times(made[first])} and {times(made[second])}{besides(_excepted(history, turns, episode))} "
        f"{period(turns[0].at, episode.until)}; "
        f"{apart} a mandate of the other{lent}.",
        stated=restated(
            history,
            domain,
            episode.since,
            lambda row: bool(set(episode.actors) & {history.who(part.holder) for part in row.decides}),
        ),
        acts=turns,
    )


def _excepted(history: History, turns: Sequence[Act], episode: Episode) -> int:
    """How many they decided alone meanwhile that are no turns of theirs."""
    return sum(
        act.status == "counted"
        and act.home == turns[0].home
        and len(act.node) == 1
        and not act.node.keys().isdisjoint(episode.actors)
        and turns[0].at <= act.at <= last_moment(episode.until, history.at)
        and excused(history, act, *act.node)
        for act in history.acts
    )


PATTERNS = (
    Pattern(
        name="overlap",
        episodes=episodes,
        why="Where two decide the same things alone, others can choose whom to ask, and get two answers.",
        question="How do the two of you know which of you decides what?",
        closes="A rule that lets either decide, a mandate between them, or a row, answered `formalise`.",
    ),
)
