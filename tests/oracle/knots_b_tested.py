"""Knots that compare with chance, in plain loops: month ends, families, two hits and two misses.

Tails are summed from every count's chance, adjusted p-values the textbook's step-up procedure.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

from tests.oracle.knots_b_ground import DAY, Facts, Ground, Knot

Key = tuple[str, str]
"""Domain and holder."""


class Trial(NamedTuple):
    """What one holder did in one domain within one window, and how likely as much is."""

    key: Key
    p: float
    entries: tuple[int, ...]


def month_ends(first: datetime, now: datetime) -> list[datetime]:
    """Every UTC midnight that ends a month after an instant and by now, then now."""
    ends, year, month = [], first.astimezone(UTC).year, first.astimezone(UTC).month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = datetime(year, month, 1, tzinfo=UTC)
        if end >= now:
            return [*ends, now]
        if end > first:
            ends.append(end)


def adjusted(values: list[float]) -> list[float]:
    """The least rate at which each is found: Benjamini and Hochberg's step-up procedure."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [1.0] * len(values)
    for rank, place in enumerate(order):
        found[place] = min(values[order[k]] * len(values) / (k + 1) for k in range(rank, len(values)))
    return [min(1.0, one) for one in found]


def at_least(hits: int, chances: list[Fraction]) -> float:
    """P(X >= hits) of independent trials: every count's chance, one trial after another."""
    counts = [1.0]
    for chance in map(float, chances):
        counts = [
            (counts[k] * (1 - chance) if k < len(counts) else 0.0) + (counts[k - 1] * chance if k else 0.0)
            for k in range(len(counts) + 1)
        ]
    return sum(sorted(counts[hits:]))


def knots(
    pattern: str,
    ground: Ground,
    limits: Facts,
    seen: list[Facts],
    trials: Callable[[list[Facts], datetime], list[Trial]],
) -> list[Knot]:
    """Ask at each end of what was seen in its window, and follow each key from end to end."""
    if not seen:
        return []
    answers = []
    for end in month_ends(min(one["occurred"] for one in seen), ground.now):
        start = end - limits["tested_days"] * DAY
        asked = trials([one for one in seen if start < one["occurred"] <= end], end)
        found: dict[Key, tuple[float, Trial]] = {}
        for trial, p in zip(asked, adjusted([one.p for one in asked]), strict=True):
            if p <= limits["tested_q"] and (trial.key not in found or p < found[trial.key][0]):
                found[trial.key] = p, trial
        answers.append((end, found))
    keys = sorted({key for _, found in answers for key in found})
    return [knot for key in keys for knot in _followed(pattern, key, answers, limits)]


def _followed(pattern: str, key: Key, answers: list[tuple], limits: Facts) -> Iterator[Knot]:
    hits: list[tuple[datetime, float, Trial]] = []
    misses: list[datetime] = []
    raised = False
    for end, found in [*answers, (None, {})]:
        if key in found and not (misses and not raised):
            hits.append((end, *found[key]))
            misses = []
        elif key in found:
            hits, misses = [(end, *found[key])], []
        elif hits and end is not None:
            misses.append(end)
        raised = raised or len(hits) >= limits["tested_hits"]
        if raised and (end is None or len(misses) >= limits["tested_misses"]):
            until = misses[0] if len(misses) >= limits["tested_misses"] else None
            _, p, trial = hits[-1]
            domain, who = key
            entries = frozenset(trial.entries)
            yield Knot(pattern, f"domain/{domain}", (who,), hits[0][0], until, p, entries)
            hits, misses, raised = [], [], False


# dominance


def dominance(ground: Ground, limits: Facts) -> list[Knot]:
    """Under `any`, one of several with a part decides alone far more often than their parts would have it."""
    turns = []
    for act in (act for act in ground.acts() if act["word"] == "made"):
        nodes = ground.nodes(act)
        found = ground.row(act["domains"][0], act["occurred"])
        if not found or found[1]["rule"]["kind"] != "any" or len(nodes) != 1:
            continue
        stated = ground.stated(act, "node") or {}
        (who,) = nodes
        if stated.get(who) and len(stated) > 1:
            turns.append(act | {"row": found[0], "who": who, "stated": stated})

    def trials(seen: list[Facts], _: datetime) -> list[Trial]:
        asked = []
        for domain, who in sorted({(turn["row"], one) for turn in seen for one in turn["stated"]}):
            mine = [turn for turn in seen if turn["row"] == domain and turn["stated"].get(who)]
            if len(mine) >= limits["dominance_least"]:
                own = [turn for turn in mine if turn["who"] == who]
                p = at_least(len(own), [turn["stated"][who] for turn in mine])
                asked.append(Trial((domain, who), p, tuple(turn["position"] for turn in own)))
        return asked

    return knots("dominance", ground, limits, turns, trials)


# hidden influence


def hidden_influence(ground: Ground, limits: Facts) -> list[Knot]:
    """Outcomes match what somebody advised, who has no stated part, more often than they match anyhow."""
    decided = []
    for id in ground.words:
        act = ground.first_made(id)
        if act is not None and act["deciders"]:
            decided.append(act | {"for": act["outcome"] != "rejected", "pieces": _pieces(ground, act)})
    decided.sort(key=lambda act: (act["occurred"], act["position"]))

    def trials(seen: list[Facts], _: datetime) -> list[Trial]:
        told: dict[Key, list[tuple[bool, Fraction, int, int]]] = {}
        for act in seen:
            home = act["domains"][0]
            others = [one["for"] for one in seen if one is not act and one["domains"][0] == home]
            rate = Fraction(sum(others) + 1, len(others) + 2)
            if 0 < sum(others) < len(others):
                rate = Fraction(sum(others), len(others))
            for who, (supports, position) in act["pieces"].items():
                chance = rate if supports else 1 - rate
                key = ground.scope(act).removeprefix("domain/"), who
                told.setdefault(key, []).append((supports == act["for"], chance, position, act["position"]))
        asked = []
        for key, pieces in sorted(told.items()):
            if len(pieces) >= limits["influence_least"]:
                p = at_least(sum(one[0] for one in pieces), [one[1] for one in pieces])
                entries = tuple(place for one in pieces if one[0] for place in one[2:])
                asked.append(Trial(key, p, entries))
        return asked

    return knots("hidden influence", ground, limits, decided, trials)


def _pieces(ground: Ground, act: Facts) -> dict[str, tuple[bool, int]]:
    """Of each adviser without a part: whether their last word before was for it, and its entry."""
    last: dict[str, tuple[bool, int]] = {}
    earlier = ground.earlier(act, known=True)
    for event in ground.advice(act["decision"]):
        if ground.of_all(event) and earlier and event["occurred"] < max(earlier):
            continue  # it was about one of these
        said = event["data"]
        before = (event["occurred"], event["position"]) < (act["occurred"], act["position"])
        sides = said.get("by") and said["stance"] in ("support", "objection")
        if before and sides and not ground.withdrawn(event):
            last[ground.holder(f"actor/{said['by']}")] = said["stance"] == "support", event["position"]
    return {who: one for who, one in last.items() if not _has_a_part(ground, act, who)}


def _has_a_part(ground: Ground, act: Facts, who: str) -> bool:
    """By the row, a seat, a mandate or the electorate; or they proposed, decided or took a position."""
    t, home = act["occurred"], act["domains"][0]
    found = ground.row(home, t)
    row = found[1] if found else {}
    named = [one["holder"] for part in ("decides", "contributes", "amends") for one in row.get(part) or ()]
    named += [row[part] for part in ("accountable", "escalates_to") if row.get(part)]
    named += [one["holder"] for one in ground.electorate(act["decision"], t)]
    lent = {holder for lens in ("node", "seat") for holder in ground.stated(act, lens) or ()}
    if who in lent or any(ground.reaches(one, who, t) for one in named):
        return True
    return who in ground.proposers(act["decision"]) or ground.took_part(act, who)
