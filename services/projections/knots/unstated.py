"""Unstated: decisions where no row, own or inherited, was ever in force.

A knot for each domain and set of deciders, from their first such decision until a row came into force there.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from services.projections.history import Act, History
from services.projections.knots.knot import Found, Pattern, rule_severity
from services.projections.knots.reading import decisions_of, entries_of, inferred_of
from services.projections.knots.settings import Settings
from services.projections.knots.wording import count, day, domain_name, listed


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """Ends when a row takes effect in the domain or above it."""
    groups: dict[tuple[str, tuple[str, ...]], list[Act]] = defaultdict(list)
    for act in history.acts:
        if act.status == "counted" and act.row_domain is None and not history.in_force.ever(act.home, act.at):
            groups[act.home, tuple(sorted(act.node))].append(act)
    for (domain, deciders), acts in sorted(groups.items()):
        yield _found(history, domain, deciders, acts)


def _found(history: History, domain: str, deciders: tuple[str, ...], acts: Sequence[Act]) -> Found:
    since = acts[0].at
    came = history.in_force.next(domain, acts[-1].at)
    until = came.since if came else None
    made = decisions_of(acts)
    name = domain_name(history, domain)
    ended = f"; there is one since {day(until)}" if until else ""
    return Found(
        pattern="unstated",
        scope=f"domain/{domain}",
        actors=deciders,
        since=since,
        until=until,
        severity=rule_severity(act.stakes for act in acts),
        figure=made,
        unit="decisions",
        decisions=made,
        inferred=inferred_of(acts),
        entries=entries_of(acts),
        domain=domain,
        sentence=f"Nobody had ever stated who decides on {name}: {listed(deciders)} decided "
        f"{count(made, 'time')} since {day(since)} without a row here or above{ended}.",
        stated=until,
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
