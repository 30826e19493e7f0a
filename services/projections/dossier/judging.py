"""Under which row a word decided, which mandates covered it, and why that was in mandate or not. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.decision import Made, Overridden
from schemas.types import Consent, Limits, Size
from services.projections.acts import Answer
from services.projections.dossier.answer import Covering, Under
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Row
from services.projections.history import Act, Decision, History, Step
from services.projections.resolve import lent, live_weights
from services.projections.resolve_mandate import (
    STAKES,
    calmed,
    decided,
    entitled,
    judged,
    objections,
    represented,
    within,
)
from services.projections.resolve_shares import Edge, Held
from services.projections.views.stated import Describing, in_words
from services.projections.voting import won
from services.projections.wording import listed


class _Case(NamedTuple):
    """What judging one word takes."""

    history: History
    act: Act
    row: Row | None
    chain: Sequence[str]
    mandates: Sequence[Mandate]
    weights: Held
    edges: tuple[Edge, ...]
    direct: frozenset[str]
    deciders: Sequence[str]
    stances: Mapping[str, str]
    counting: Mapping[str, str]  # with the objections of bodies that did not decide for it
    size: Size | None


def under(history: History, decision: Decision, act: Act, step: Step) -> Under:
    """What was stated at the instant of an act; `step` is the act's own."""
    case = _case(history, decision, act, step)
    describing = Describing(history.structure, act.at)
    row = case.row
    return Under(
        row=describing.row(row) if row else None,
        inherited_from=row.domain if row and row.domain != act.home else None,
        mandates=[
            Covering(mandate=describing.mandate(one), within=within(one.limits, case.size, act.stakes))
            for one in case.mandates
        ],
        vacant=act.vacant if row else None,
        in_mandate=act.mandate,
        why=_why(case),
        retroactive=any(one.stated > act.at for one in (*([row] if row else []), *case.mandates)),
    )


def _case(history: History, decision: Decision, act: Act, step: Step) -> _Case:
    structure, at = history.structure, act.at
    chain = structure.matrix.chain(act.home, at)
    row = structure.matrix.row(chain, at, history.at)
    size = _size(decision, step)
    weights = live_weights(structure, row.decides, at) if row else ()
    edges: tuple[Edge, ...] = ()
    if row is not None:
        edges = lent(structure, decision.id, act.initiative, chain, size, act.stakes, at, history.at)
    said = step.data.deciders if isinstance(step.data, Made | Overridden) else ()
    deciders = {history.who(one.holder) for one in said} | {f"body/{one.under}" for one in said if one.under}
    stances = {history.who(holder): taken.value for holder, (_, taken) in decision.positions(step).items()}
    reached = {holder for holder, _ in weights}.union(edge.grantee for edge in edges)
    direct, counting = judged(structure, row.rule if row else None, deciders, reached, stances, at)
    return _Case(
        history=history,
        act=act,
        row=row,
        chain=chain,
        mandates=_mandates(history, decision.id, act, chain),
        weights=weights,
        edges=edges,
        direct=frozenset(direct),
        deciders=sorted(deciders),
        stances=stances,
        counting=counting,
        size=size,
    )


def _size(decision: Decision, step: Step) -> Size | None:
    """An override speaks of the size of the latest `made` before it."""
    made = [
        one.data for one in decision.steps[: decision.steps.index(step) + 1] if isinstance(one.data, Made)
    ]
    return made[-1].size if made else None


def _mandates(history: History, decision: str, act: Act, chain: Sequence[str]) -> list[Mandate]:
    scopes = [*(f"domain/{domain}" for domain in chain), f"decision/{decision}"]
    scopes += [f"initiative/{act.initiative}"] if act.initiative else []
    return history.structure.matrix.mandates(scopes, act.at, history.at)


def _why(case: _Case) -> str:
    """Why the answer is as it is, in the order in which `resolve` finds it."""
    row, act = case.row, case.act
    if row is None:
        above = "" if len(case.chain) == 1 else " or above it"
        return f"no row was in force in {act.home}{above}"
    if not case.deciders:
        return "nobody knows who decided"
    entitlement = entitled(row.rule, case.weights, case.edges, case.direct, case.counting)
    limited = within(row.limits, case.size, act.stakes)
    if entitlement == "no":
        return _not_entitled(case, row)
    if limited == "no" and row.limits is not None:
        return f"the row's limits were exceeded: {_limits(row.limits, case.size, act.stakes)}"
    if "unknown" in (entitlement, limited):
        return _unknown(row, entitlement)
    if won(row.rule, case.weights, case.direct, case.counting):
        by = [holder for holder, _ in case.weights if holder in case.direct]
        return f"the row of {row.domain} says {_rule(row)}: {listed(by)} did{_by_seats(case, by)}"
    to = sorted({edge.grantee for edge in case.edges if edge.grantee in case.direct})
    passed = f"a mandate passed it on to {listed(to)}{_by_seats(case, to)}"
    return f"the row of {row.domain} names {_named(case)}, and {passed}"


def _by_seats(case: _Case, holders: Iterable[str]) -> str:
    """Who decided in the bodies among these that decided by their seats."""
    said = ""
    for body in holders:
        if body not in case.deciders:
            seating = case.history.structure.bodies.seating(body[5:], case.act.at)
            sat = listed(holder for holder, _ in seating.weights if holder in case.deciders)
            free = ", and nobody's block stood" if isinstance(seating.rule, Consent) else ""
            said += f"; in {body} {sat} decided{free}"
    return said


def _not_entitled(case: _Case, row: Row) -> str:
    if not case.weights:
        return f"the row of {row.domain} names nobody who could act at that time"
    if case.act.vacant:
        return f"those of the row of {row.domain} who could act do not satisfy its rule even together"
    hindered = list(_hindered(case, row))
    if hindered:
        return "; ".join(hindered)
    said = f"the row of {row.domain} says {_rule(row)}: {_named(case)}"
    far = " far enough" if case.mandates else ""
    return f"{listed(case.deciders)} decided; {said}; no mandate passed it on{far}"


def _hindered(case: _Case, row: Row) -> Iterator[str]:
    """The objections and the limits of mandates without which they would have been entitled."""
    history, act = case.history, case.act
    edges = lent(history.structure, act.decision, act.initiative, case.chain, None, None, act.at, history.at)
    reached = {holder for holder, _ in case.weights}.union(edge.grantee for edge in edges)
    calm = calmed(case.stances)
    direct = frozenset(decided(history.structure, case.deciders, reached, calm, act.at))
    if entitled(row.rule, case.weights, edges, direct, calm) == "no":
        return
    yield from _objections(case, row, direct)
    used = frozenset(represented(direct, edges))
    for one in case.mandates:
        lent_to = used.intersection(map(history.who, one.grantees))
        if one.limits and lent_to and within(one.limits, case.size, act.stakes) == "no":
            over = _limits(one.limits, case.size, act.stakes)
            yield f"the limits of mandate/{one.mandate} to {listed(sorted(lent_to))} were exceeded: {over}"


def _objections(case: _Case, row: Row, direct: Collection[str]) -> Iterator[str]:
    """Of those who decided: whose block stood, and who asks for consent, the body itself or else the row."""
    structure, at, stances = case.history.structure, case.act.at, case.stances
    of_row = [holder for holder, _ in case.weights if stances.get(holder) == "block"]
    of_bodies = {}
    for body, blocks in sorted(objections(structure, row.rule, direct, stances, at).items()):
        if isinstance(structure.bodies.seating(body[5:], at).rule, Consent):
            of_bodies[body] = blocks
        else:
            of_row += [holder for holder in blocks if holder not in of_row]
    asking = {f"the row of {row.domain}": of_row if isinstance(row.rule, Consent) else [], **of_bodies}
    for who, blocks in asking.items():
        if blocks:
            yield f"{who} asks for consent, and the objection of {listed(blocks)} stood"


def _unknown(row: Row, entitlement: Answer) -> str:
    if entitlement == "unknown":
        return "it takes a mandate whose limits cannot be judged"
    limits = row.limits
    if limits is None or (limits.max is None and limits.stakes_up_to is None):
        return "the row's limits are in words alone"
    told = [_amount(limits.max)] if limits.max else []
    told += [f"{limits.stakes_up_to} stakes"] if limits.stakes_up_to else []
    return f"the row is limited to {listed(told)}, which cannot be judged by what the decision says"


def _limits(limits: Limits, size: Size | None, stakes: str | None) -> str:
    over = []
    if limits.max is not None and size is not None and size.amount > limits.max.amount:
        over.append(f"{_amount(size)}, at most {_amount(limits.max)}")
    most = limits.stakes_up_to
    if most is not None and stakes is not None and STAKES.index(stakes) > STAKES.index(most):
        over.append(f"{stakes} stakes, at most {most}")
    return " and ".join(over)


def _amount(size: Size) -> str:
    amount = f"{size.amount:,.2f}".removesuffix("0").removesuffix(".0")
    return f"{amount} {size.unit}"


def _rule(row: Row) -> str:
    return in_words(row.rule, len(row.decides))


def _named(case: _Case) -> str:
    return listed(holder for holder, _ in case.weights)
