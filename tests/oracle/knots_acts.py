"""Knots of what was decided, and under which row, in plain loops."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.oracle.knots_world import Episode, Facts, Key, Knotted, Shown, episodes
from tests.oracle.oracle import instant

DAY = timedelta(days=1)
TURNS = timedelta(days=90)


def unstated(world: Knotted) -> Iterator[Episode]:
    """Decisions where no row, own or inherited, was ever in force."""
    moments = set(world.structural) | {act["occurred"] for act in world.acts}
    never = {id(act): _never_stated(world, act) for act in world.acts}

    def holding(t: datetime) -> dict[Key, Shown]:
        acts: dict[str, list[Facts]] = {}
        for act in world.acts:
            if act["occurred"] <= t and never[id(act)] and world.row(act["home"], t) is None:
                acts.setdefault(act["home"], []).append(act)
        return {(f"domain/{home}", ()): _acts(some) for home, some in acts.items()}

    for one in episodes(moments, holding):
        shown = [act for act in world.acts if act["position"] in one.entries]
        actors = tuple(sorted({key for act in shown for key in act["keys"]}))
        yield one._replace(actors=actors)


def _acts(acts: list[Facts]) -> Shown:
    return Shown(len(acts), frozenset(act["position"] for act in acts))


def _never_stated(world: Knotted, act: Facts) -> bool:
    return all(world.row(act["home"], t) is None for t in world.structural if t <= act["occurred"])


def shadow_authority(world: Knotted) -> Iterator[Episode]:
    """At least 3 decisions, and > 10 % of the scope's, that one actor decided out of mandate."""
    judged = {act["position"]: world.in_mandate(act) for act in world.acts}

    def holding(t: datetime) -> dict[Key, Shown]:
        total: dict[str, int] = {}
        out: dict[Key, list[Facts]] = {}
        for act in world.acts:
            if act["occurred"] > t or not act["deciders"]:
                continue
            total[act["scope"]] = total.get(act["scope"], 0) + 1
            if judged[act["position"]] == "no" and len(act["keys"]) == 1:
                out.setdefault((act["scope"], act["keys"]), []).append(act)
        return {
            key: _acts(acts) for key, acts in out.items() if len(acts) >= 3 and 10 * len(acts) > total[key[0]]
        }

    yield from episodes([act["occurred"] for act in world.acts], holding)


def unformalised(world: Knotted) -> Iterator[Episode]:
    """Decisions that were `tacit`, or without `ref`, until `formalised`."""
    open_: list[tuple[Facts, datetime | None]] = []
    for id, words in world.words.items():
        told = world.of("decision", id)
        for word in words:
            made = next(e["data"] for e in told if e["position"] == word.get("position", told[0]["position"]))
            if word["word"] != "made" or word not in world.acts:
                continue
            if made.get("formality") == "tacit" or not made.get("ref"):
                ends = [e["occurred"] for e in told if e["type"] == "decision.formalised"]
                ends = [end for end in ends if end >= word["occurred"]]
                open_.append((word, ends[0] if ends else None))

    def holding(t: datetime) -> dict[Key, Shown]:
        found: dict[Key, list[Facts]] = {}
        for act, end in open_:
            if act["occurred"] <= t and (end is None or t < end):
                found.setdefault((act["scope"], act["keys"]), []).append(act)
        return {key: _acts(acts) for key, acts in found.items()}

    moments = [act["occurred"] for act, _ in open_] + [end for _, end in open_ if end]
    yield from episodes(moments, holding)


def retroactive(world: Knotted) -> Iterator[Episode]:
    """The decision occurred in [`effective_from`, `time`) of the row or mandate that covers it."""
    found: dict[tuple[Key, datetime], Shown] = {}
    for act in world.acts:
        if not act["deciders"]:
            continue
        for event in _covering(world, act):
            if not act["occurred"] < event["occurred"]:
                continue
            key = (act["scope"], act["keys"]), event["occurred"]
            figure = (event["occurred"] - act["occurred"]) / DAY
            before = found.get(key, Shown(0, frozenset()))
            entries = before.entries | {act["position"], event["position"]}
            found[key] = Shown(max(figure, before.figure), entries)
    for (key, since), shown in found.items():
        yield Episode(*key, since, None, *shown)


def _covering(world: Knotted, act: Facts) -> Iterator[Facts]:
    """The row that governs a decision, and the mandates that reach its deciders."""
    if act["governed"] is not None:
        yield act["governed"]
    covering = {edge["taker"] for edge in world.grants(act)} & {world.named(one) for one in act["deciders"]}
    for event in world.of("mandate"):
        data = event["data"]
        if event["type"] != "mandate.delegated" or not data.get("effective_from"):
            continue
        takers = {world.holder(to) for to in data["to"]}
        if covering & takers and instant(data["effective_from"]) <= act["occurred"]:
            kind, id = data["scope"].split("/", 1)
            if (kind, id) in (("decision", act["decision"]), ("initiative", act["initiative"])) or (
                kind == "domain" and id in world.line(act["home"], act["occurred"])
            ):
                yield event


def self_approval(world: Knotted) -> Iterator[Episode]:
    """The proposer is sole decider though the row names others."""
    for act in world.acts:
        row = act["governed"]
        if act["word"] != "made" or row is None or len(act["keys"]) != 1:
            continue
        proposers = world.proposers(act["decision"])
        named = {world.holder(part["holder"]) for part in row["data"]["decides"]}
        if proposers == set(act["keys"]) and named - proposers and world.in_mandate(act) == "no":
            entries = frozenset({act["position"]})
            yield Episode(act["scope"], act["keys"], act["occurred"], None, 1, entries)


def overlap(world: Knotted) -> Iterator[Episode]:
    """Two who each decided alone >= 3 times in one domain, in turns, neither under the other nor by `any`."""
    alone: dict[str, list[Facts]] = {}
    for act in world.acts:
        row = act["governed"]
        if len(act["keys"]) == 1 and not (row and row["data"]["rule"]["kind"] == "any"):
            alone.setdefault(act["scope"], []).append(act)
    for scope, acts in alone.items():
        holders = sorted({act["keys"][0] for act in acts})
        for first in holders:
            for second in holders:
                if first < second:
                    turns = [act for act in acts if act["keys"][0] in (first, second)]
                    yield from _in_turns(scope, (first, second), turns, world.at)


def _in_turns(scope: str, pair: tuple[str, str], acts: list[Facts], at: datetime) -> Iterator[Episode]:
    run: list[Facts] = []
    since = None
    for act in acts:
        if run and act["occurred"] - run[-1]["occurred"] > TURNS:
            if since is not None:
                yield _ended(scope, pair, run, since, run[-1]["occurred"] + TURNS)
            run, since = [], None
        run.append(act)
        if since is None and min(sum(one["keys"][0] == who for one in run) for who in pair) >= 3:
            since = act["occurred"]
    if since is not None:
        end = run[-1]["occurred"] + TURNS
        yield _ended(scope, pair, run, since, end if end <= at else None)


def _ended(
    scope: str, pair: tuple[str, str], run: list[Facts], since: datetime, until: datetime | None
) -> Episode:
    figure = min(sum(one["keys"][0] == who for one in run) for who in pair)
    return Episode(scope, pair, since, until, figure, frozenset(act["position"] for act in run))
