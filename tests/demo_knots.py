"""Each knot looked for in plain loops over a reading, one function a pattern: (scope, actors) of each found.

Simplified on purpose: as of the reading's `at`, no severities, no episodes. It checks what the demo plants,
and that its ordinary days hold no knots that nobody planted.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from statistics import median, quantiles

from tests.demo_reading import DAY, Act, Decision, Reading, Row

Found = tuple[str, frozenset[str]]
EVER = datetime.min.replace(tzinfo=UTC)
NEVER = 10**6  # a coalition of this size wins nothing
Trial = tuple[Found, float]


def _knot(domain: str, holders: Iterable[str]) -> Found:
    return f"domain/{domain}", frozenset(holders)


def _row_domain(r: Reading, d: Decision, act: Act) -> str | None:
    found = r.row(d.home, act.at)
    return found[0] if found else None


def shadow_authority(r: Reading) -> Iterator[Found]:
    whole: Counter[str] = Counter()
    outside: Counter[tuple[str, str]] = Counter()
    for d in r.counted():
        for act in d.acts:
            if domain := _row_domain(r, d, act):
                whole[domain] += 1
                if r.in_mandate(d, act) is False:
                    outside.update((domain, h) for h in act.deciders)
    for (domain, holder), n in outside.items():
        if n >= 3 and n > 0.1 * whole[domain]:
            yield _knot(domain, [holder])


def unstated(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        if r.row(d.home, d.first.at) is None:
            yield _knot(d.home, d.first.deciders)


def vacant(r: Reading) -> Iterator[Found]:
    for domain, rows in r.rows.items():
        if any(row.data for row in rows):
            found = r.row(domain, r.at)
            if found is None or not r.wins(found[1], set(found[1].holders), r.at):
                yield _knot(domain, found[1].holders if found else [])


def stalled(r: Reading) -> Iterator[Found]:
    """Only what is stalled at the end."""
    for domain in r.rows:
        acts = sorted(a.at for d in r.counted() if d.home == domain for a in d.acts)
        if not acts:
            continue
        gaps = [(b - a) / DAY for a, b in pairwise(acts)]
        bound = max(90.0, quantiles(gaps, n=20)[-1]) if len(gaps) >= 10 else 90.0
        if (r.at - acts[-1]) / DAY > bound:
            for id, said in r.initiatives.items():
                decided = any(d.initiative == id and d.counts for d in r.decisions.values())
                at_home = "proposed" in said and said["proposed"][1]["domains"][0] == domain
                if at_home and not decided and "withdrawn" not in said:
                    yield _knot(domain, said["proposed"][1]["proposers"])


def overlap(r: Reading) -> Iterator[Found]:
    alone: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for d in r.counted():
        if len(d.first.deciders) == 1:
            alone[d.home].append((d.first.at, d.first.deciders[0]))
    for domain, turns in alone.items():
        counts = Counter(h for _, h in turns)
        for pair in combinations(sorted(h for h, n in counts.items() if n >= 3), 2):
            mine = sorted(t for t in turns if t[1] in pair)
            changes = [b for a, b in pairwise(mine) if a[1] != b[1] and b[0] - a[0] <= 90 * DAY]
            if len(changes) >= 2 and not any(_allowed(r, domain, pair, at) for at, _ in changes):
                yield _knot(domain, pair)


def _allowed(r: Reading, domain: str, pair: Iterable[str], at: datetime) -> bool:
    found = r.row(domain, at)
    if found and found[1].data["rule"]["kind"] == "any" and set(pair) <= set(found[1].holders):
        return True
    return any({m["from"], *m["to"]} >= set(pair) and m["since"] <= at < m["until"] for m in r.mandates)


def unformalised(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        act = next(a for a in reversed(d.acts) if a.what == "made")
        if (act.data.get("formality") == "tacit" or "ref" not in act.data) and not d.said["formalised"]:
            yield _knot(d.home, act.deciders)


def retroactive(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        for act in d.acts:
            found = r.row(d.home, act.at)
            if found and found[1].since <= act.at < found[1].time:
                yield _knot(d.home, act.deciders)


def stale_statement(r: Reading) -> Iterator[Found]:
    for domain in r.rows:
        found = r.row(domain, r.at)
        if found is None or found[0] != domain:
            continue
        data = found[1].data
        named = {*found[1].holders, *data["informs"], *(c["holder"] for c in data["contributes"])}
        named |= {a["holder"] for a in data["amends"]} | {
            data.get("escalates_to", data["decides"][0]["holder"])
        }
        for holder in sorted(named):
            if not r.live(holder, r.at - 30 * DAY):
                yield _knot(domain, [holder])


def bypassed_consultation(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        found = r.row(d.home, d.first.at)
        for c in found[1].data["contributes"] if found else []:
            if not c.get("mandatory"):
                continue
            asked = [q for q in r.consulted(d) if c["holder"] in q.asked]
            early = any(q.at + DAY <= d.first.at for q in asked)  # every min_wait of the demo is a day
            late = any(t > d.first.at and by == c["holder"] for q in asked for t, by, _ in q.advice)
            if late or not early:
                yield _knot(d.home, [c["holder"]])


def uninformed(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        at = d.first.at
        found = r.row(d.home, at)
        told = {h for t, data in d.said["communicated"] if t <= at + 14 * DAY for h in data["to"]}
        for holder in found[1].data["informs"] if found and at + 14 * DAY < r.at else []:
            if holder not in told:
                yield _knot(d.home, [holder])


def rubber_stamp(r: Reading) -> Iterator[Found]:
    taken: dict[tuple[str, str], list[tuple[str, bool, timedelta]]] = defaultdict(list)
    for d in r.decisions.values():
        for at, data in d.said["position_taken"]:
            if d.opened:
                taken[d.home, data["by"]].append((data["value"], "reason" in data, at - d.opened))
    for (domain, actor), said in taken.items():
        x, n = sum(value == "approve" for value, _, _ in said), len(said)
        silent = not any(reason for _, reason, _ in said)
        quick = median(span for _, _, span in said) < timedelta(hours=1)
        if x >= 35 and _wilson(x, n) > 0.9 and silent and quick:
            yield _knot(domain, [f"actor/{actor}"])


def _wilson(x: int, n: int, z: float = 1.96) -> float:
    p = x / n
    middle = p + z * z / (2 * n)
    return (middle - z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)


def approval_habit(r: Reading) -> Iterator[Found]:
    asked: Counter[tuple[str, str]] = Counter()
    for d in r.counted():
        found = r.row(d.home, d.first.at)
        for who in r.proposers(d):
            up = any(f"actor/{e['by']}" == who for _, e in d.said["escalated"]) or who not in d.first.deciders
            if found and up and r.wins(found[1], {who}, d.first.at):
                asked[d.home, who] += 1
    for (domain, who), n in asked.items():
        if n >= 3:
            yield _knot(domain, [who])


def waits(r: Reading) -> Iterator[tuple[str, str, float]]:
    """(domain, actor waited on, days) of advice, positions and pauses."""
    for c in r.consultations.values():
        d = r.decisions.get(c.about)
        for holder in c.asked if d and c.at else []:
            ends = [t for t, by, _ in c.advice if by == holder]
            ends += [c.closed] if c.closed else []
            ends += [a.at for a in d.acts]
            yield d.home, holder, (min([*ends, r.at]) - c.at) / DAY
    for d in r.decisions.values():
        for holder in d.electorate if d.opened else []:
            ends = [t for t, p in d.said["position_taken"] if f"actor/{p['by']}" == holder]
            yield d.home, holder, (min([*ends, *(a.at for a in d.acts), r.at]) - d.opened) / DAY
        for at, e in d.said["escalated"]:
            yield d.home, e["to"], (min([*(a.at for a in d.acts), r.at]) - at) / DAY
    for said in r.initiatives.values():
        if "paused" in said:
            at, data = said["paused"]
            until = said.get("resumed", (r.at, {}))[0]
            yield said["proposed"][1]["domains"][0], data["waiting_on"], (until - at) / DAY


def bottleneck(r: Reading) -> Iterator[Found]:
    all_waits = list(waits(r))
    oldest = quantiles((w for _, _, w in all_waits), n=10)[-1]
    mine: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for domain, who, w in all_waits:
        mine[who].append((domain, w))
    totals = {who: sum(w for _, w in items) for who, items in mine.items()}
    for who, items in mine.items():
        peers = median(t for other, t in totals.items() if other != who)
        if totals[who] > 3 * peers and sum(w > oldest for _, w in items) >= 5:
            longest: Counter[str] = Counter()
            for domain, w in items:
                longest[domain] += math.ceil(w)
            yield _knot(longest.most_common(1)[0][0], [who])


def self_approval(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        found = r.row(d.home, d.first.at)
        said = [x["holder"] for x in d.first.data["deciders"]]
        if found and len(said) == 1 and set(said) == r.proposers(d) and set(found[1].holders) - set(said):
            yield _knot(d.home, said)


def _undone(r: Reading, theirs: bool) -> Iterator[Found]:
    whole: Counter[str] = Counter()
    times: Counter[str] = Counter()
    who: dict[str, set[str]] = defaultdict(set)
    for d in r.counted():
        whole[d.home] += 1
        for before, act in pairwise(d.acts):
            others = act.what == "overridden" and set(before.deciders) != set(act.deciders)
            again = act.what == "overridden" or before.outcome not in ("deferred", "returned")
            if again and others == theirs:
                times[d.home] += 1
                who[d.home] |= set(act.deciders)
    for domain, n in times.items():
        if whole[domain] >= 10 and n > 0.2 * whole[domain]:
            yield _knot(domain, who[domain])


def override_habit(r: Reading) -> Iterator[Found]:
    return _undone(r, theirs=True)


def churn(r: Reading) -> Iterator[Found]:
    return _undone(r, theirs=False)


def _met(r: Reading, one: str, other: str, since: datetime, until: datetime) -> bool:
    for at, attendees in r.sessions:
        here = {a[6:] for a in attendees}
        if since <= at <= until and here & r.seated(one, at) and here & r.seated(other, at):
            return True
    return False


def incoherence(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        for before, act in pairwise(d.acts):
            pair = [h[5:] for a in (before, act) for h in a.deciders if h.startswith("body/")]
            if act.what != "overridden" or len(set(pair)) != 2:
                continue
            if not _met(r, pair[0], pair[1], EVER, act.at):
                yield _knot(d.home, (f"body/{b}" for b in pair))


def meta_authority(r: Reading) -> Iterator[Found]:
    for domain in r.rows:
        found = r.row(domain, r.at)
        if found is None or found[0] != domain or not found[1].data["amends"]:
            continue
        data = found[1].data
        amends = Row(r.at, r.at, {"decides": data["amends"], "rule": data["amend_rule"]})
        if _smallest(r, amends) < _smallest(r, found[1]) < NEVER:
            yield _knot(domain, amends.holders)


def _smallest(r: Reading, row: Row) -> int:
    for size in range(1, len(row.holders) + 1):
        if any(r.wins(row, set(some), r.at) for some in combinations(row.holders, size)):
            return size
    return NEVER


def silos(r: Reading) -> Iterator[Found]:
    decided: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for d in r.counted():
        for holder in d.first.deciders:
            if holder.startswith("body/"):
                decided[d.home, holder[5:]].append(d.first.at)
    for (x, one), (y, other) in combinations(sorted(decided), 2):
        related = x == y or x in r.lineage(y, r.at)[1:2] or y in r.lineage(x, r.at)[1:2]
        if not related or one == other:
            continue
        for at in decided[x, one]:
            near = [t for t in decided[y, other] if abs(t - at) <= 90 * DAY]
            shared = r.seated(one, at) & r.seated(other, at)
            if near and not shared and not _met(r, one, other, at - 90 * DAY, at):
                yield _knot(x, (f"body/{one}", f"body/{other}"))


def overdue(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        for act in d.acts:
            review, emergency = act.data.get("review_on"), act.data.get("emergency", {})
            for due, word in ((review, "reviewed"), (emergency.get("ratify_by"), "ratified")):
                if due and datetime.fromisoformat(due) < r.at and not d.said[word]:
                    yield _knot(d.home, act.deciders)


def unlearned(r: Reading) -> Iterator[Found]:
    due: list[tuple[datetime, str, str, list[str]]] = []
    for id, said in r.experiments.items():
        ends = datetime.fromisoformat(said["started"][1]["ends_at"])
        if "concluded" not in said:
            of = r.initiatives[said["started"][1]["initiative"]]
            proposed = of["proposed"][1]
            due.append((ends, f"experiment/{id}", proposed["domains"][0], proposed["proposers"]))
    for id, said in r.initiatives.items():
        if "completed" in said and said["completed"][1].get("outcome") == "failed":
            proposed = said["proposed"][1]
            failed = said["completed"][0]
            due.append((failed, f"initiative/{id}", proposed["domains"][0], proposed["proposers"]))
    for d in r.counted():
        due += [(a.at, f"decision/{d.id}", d.home, a.deciders) for a in d.acts if a.what == "overridden"]
    for at, about, home, who in due:
        held = any(a == about and at <= t <= at + 30 * DAY for t, a in r.debriefs)
        if not held and at + 30 * DAY < r.at:
            yield _knot(home, who)


def unanswered_agent(r: Reading) -> Iterator[Found]:
    for d in r.counted():
        for holder in d.first.deciders:
            kind, _, id = holder.partition("/")
            if kind == "actor" and r.kinds.get(id) == "agent":
                superior = [s for t, s in r.superior[id] if t <= d.first.at][-1]
                if superior is None or not r.live(f"actor/{superior}", d.first.at):
                    yield _knot(d.home, [holder])


# tested knots: (knot, p) of every trial in one window


def dominance(r: Reading, since: datetime, until: datetime) -> Iterator[Trial]:
    turns: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for d in r.counted():
        act = d.first
        found = r.row(d.home, act.at)
        if not (since <= act.at < until) or not found or found[1].data["rule"]["kind"] != "any":
            continue
        if len(act.deciders) == 1 and len(found[1].holders) > 1:
            turns[found[0]].append((act.deciders[0], frozenset(found[1].holders)))
    for domain, decided in turns.items():
        n = len(decided)
        for holder in sorted({h for h, _ in decided}) if n >= 10 else []:
            chances = [1 / len(holders) if holder in holders else 0.0 for _, holders in decided]
            yield _knot(domain, [holder]), _tail(chances, sum(h == holder for h, _ in decided))


def _tail(chances: list[float], at_least: int) -> float:
    """P(so many or more), Poisson-binomial."""
    odds = [1.0]
    for p in chances:
        odds = [a * (1 - p) + b * p for a, b in zip([*odds, 0.0], [0.0, *odds], strict=True)]
    return sum(odds[at_least:])


def hidden_influence(r: Reading, since: datetime, until: datetime) -> Iterator[Trial]:
    outcomes: dict[str, list[Decision]] = defaultdict(list)
    for d in r.counted():
        if since <= d.first.at < until:
            outcomes[d.home].append(d)
    for domain, decided in outcomes.items():
        said: dict[str, list[tuple[bool, float]]] = defaultdict(list)
        accepted = sum(d.first.outcome != "rejected" for d in decided)
        for d in decided:
            for who, stance in _advised(r, d):
                yes = d.first.outcome != "rejected"
                rate = (accepted - yes) / max(1, len(decided) - 1)
                said[who].append((yes, rate) if stance == "support" else (not yes, 1 - rate))
        for who, pieces in said.items():
            if len(pieces) >= 10:
                yield _knot(domain, [who]), _tail([p for _, p in pieces], sum(m for m, _ in pieces))


def _advised(r: Reading, d: Decision) -> Iterator[tuple[str, str]]:
    found = r.row(d.home, d.first.at)
    stated = {*found[1].holders, *(c["holder"] for c in found[1].data["contributes"])} if found else set()
    for c in r.consulted(d):
        for at, by, stance in c.advice:
            if at < d.first.at and by not in stated and stance in ("support", "objection"):
                yield by, stance


def exclusion(r: Reading, since: datetime, until: datetime) -> Iterator[Trial]:
    chances: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for d in r.counted():
        found = r.row(d.home, d.first.at)
        if not (since <= d.first.at < until) or (found and found[1].data["rule"]["kind"] == "any"):
            continue
        spoke = {f"actor/{p['by']}" for _, p in d.said["position_taken"]}
        for holder in d.electorate:
            chances[d.home, holder].append(holder in spoke)
    everyone = [took for turns in chances.values() for took in turns]
    for (domain, holder), turns in chances.items():
        if len(turns) >= 10:
            rate = sum(everyone) / len(everyone)
            missed = len(turns) - sum(turns)
            yield _knot(domain, [holder]), _tail([1 - rate] * len(turns), missed)


def hits(trials: list[Trial], q: float = 0.05) -> set[Found]:
    """Benjamini–Hochberg."""
    ranked = sorted(trials, key=lambda t: t[1])
    passing = [k for k, (_, p) in enumerate(ranked, 1) if p <= q * k / len(ranked)]
    return {knot for knot, _ in ranked[: max(passing, default=0)]}


RULES = {
    "shadow authority": shadow_authority,
    "unstated": unstated,
    "vacant": vacant,
    "stalled": stalled,
    "overlap": overlap,
    "unformalised": unformalised,
    "retroactive": retroactive,
    "stale statement": stale_statement,
    "bypassed consultation": bypassed_consultation,
    "uninformed": uninformed,
    "rubber stamp": rubber_stamp,
    "approval habit": approval_habit,
    "bottleneck": bottleneck,
    "self-approval": self_approval,
    "override habit": override_habit,
    "churn": churn,
    "incoherence": incoherence,
    "meta-authority": meta_authority,
    "silos": silos,
    "overdue": overdue,
    "unlearned": unlearned,
    "unanswered agent": unanswered_agent,
}
TESTED = {"dominance": dominance, "hidden influence": hidden_influence, "exclusion": exclusion}


def find(r: Reading) -> dict[str, set[Found]]:
    """Every knot by pattern; tested ones where two month ends in a row hit."""
    found = {pattern: set(rule(r)) for pattern, rule in RULES.items()}
    ends = [datetime(2024 + m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in range(6, 25)]
    for pattern, trial in TESTED.items():
        monthly = [hits(list(trial(r, end - 180 * DAY, end))) for end in ends]
        found[pattern] = {knot for a, b in pairwise(monthly) for knot in a & b}
    return found
