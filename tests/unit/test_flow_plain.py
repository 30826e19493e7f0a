"""Figures of flow and influence, counted again in plain loops over the demo, without code of the services."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from services.connectors import demo
from services.projections.cases import Narrowing
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.influence import parts
from services.projections.views.question import Question, Window
from tests.demo_knots import waits
from tests.demo_reading import Decision, Reading
from tests.pasts import past

DAY = timedelta(days=1)
AT = "2026-01-01T00:00:00Z"
ALL = [Window(None, None)]


@pytest.fixture(scope="module", params=[2, 5])
def both(request: pytest.FixtureRequest) -> tuple[Reading, Any, Any]:
    """The demo read in plain loops, and the answers of both views."""
    events = list(demo.events(request.param))
    seen = past(events, at=datetime.fromisoformat(AT))
    (told,) = flow(seen, found(seen, Narrowing()), ALL)
    (heard,) = parts.influence(seen, parts.found(seen, Question(), None), ALL, "node")
    return Reading(events, AT), told, heard


def last_reopened(d: Decision) -> datetime | None:
    return max((time for time, _ in d.said["reopened"]), default=None)


def first_made(d: Decision) -> datetime | None:
    since = last_reopened(d)
    settled = [a.at for a in d.acts if a.outcome not in ("deferred", "returned")]
    return min((at for at in settled if since is None or at > since), default=None)


def test_the_leg_from_opened_to_made_is_the_product_limit_of_plain_durations(both: Any) -> None:
    r, told, _ = both
    lasted: list[tuple[timedelta, bool]] = []
    for d in r.decisions.values():
        start = last_reopened(d) or d.opened
        if start is not None:
            made = first_made(d)
            lasted.append(((made or r.at) - start, made is not None))
    share, half = Fraction(1), None
    for time in sorted({t for t, ended in lasted if ended}):
        risk = sum(t >= time for t, _ in lasted)
        share *= Fraction(risk - lasted.count((time, True)), risk)
        half = half or (time if share <= Fraction(1, 2) else None)
    leg = next(one for one in told.legs if (one.from_, one.to) == ("opened", "made"))
    assert half is not None
    assert (leg.n, leg.censored) == (len(lasted), sum(not ended for _, ended in lasted))
    assert leg.p50_days == half / DAY


def test_what_is_open_has_no_standing_decision_and_was_not_withdrawn(both: Any) -> None:
    r, told, _ = both
    begun = {d.initiative for d in r.decisions.values()}
    over = {id for id, said in r.initiatives.items() if "withdrawn" in said or "completed" in said}
    waiting = {f"initiative/{id}" for id in r.initiatives.keys() - begun - over}
    waiting |= {
        f"decision/{d.id}" for d in r.decisions.values() if first_made(d) is None and d.initiative not in over
    }
    assert told.open_work.n == len(waiting)
    assert {row.subject for row in told.open_work.rows} <= waiting


def test_every_day_waited_is_counted_once_for_who_was_waited_on(both: Any) -> None:
    r, told, _ = both
    days: dict[str, float] = defaultdict(float)
    for _, holder, waited in waits(r):
        days[holder] += waited
    for c in r.consultations.values():
        for holder in c.asked if c.at and c.about not in r.decisions else []:  # nothing is opened yet
            ends = [t for t, by, _ in c.advice if by == holder] + [c.closed or r.at]
            days[holder] += (min(ends) - c.at) / DAY
    for d in r.decisions.values():
        for again, _ in d.said["reopened"]:  # the electors are waited for anew
            for holder in d.electorate:
                took = [t for t, p in d.said["position_taken"] if f"actor/{p['by']}" == holder]
                ends = [t for t in (*took, *(a.at for a in d.acts), r.at) if t > again]
                days[holder] += (min(ends) - again) / DAY
    rows = {row.holder: row.days for row in told.waiting.rows}
    for holder, waited in sorted(days.items(), key=lambda item: -item[1])[:5]:
        assert rows[holder] == pytest.approx(waited, abs=1e-6)


def test_what_was_overridden_reversed_or_reopened_is_what_a_plain_count_finds(both: Any) -> None:
    r, told, _ = both
    how: Counter[str] = Counter()
    for d in r.decisions.values():
        words = sorted(
            [(a.at, a) for a in d.acts] + [(t, None) for t, _ in d.said["reopened"]], key=lambda w: w[0]
        )
        for (_, act), (_, later) in pairwise(words):
            if act is None or act.what != "made" or act.outcome in ("deferred", "returned"):
                continue
            if later is None:
                how["reopened"] += 1
            elif later.what == "made" and (act.outcome, later.outcome) == ("provisional", "accepted"):
                continue
            else:
                how["reversed" if set(act.deciders) == set(later.deciders) else "overridden"] += 1
    whole = told.hold[0]
    superseded = sum("superseded" in d.said for d in r.decisions.values())
    found_by_view = whole.overridden.count + whole.reversed.count + whole.reopened.count
    assert how.total() - superseded <= found_by_view <= how.total()
    assert (whole.overridden.count, whole.reopened.count) == (how["overridden"], how["reopened"])


def test_lift_is_what_a_plain_count_finds_where_each_decision_was_made_once(both: Any) -> None:
    r, _, heard = both
    acts = [(d, a) for d in r.decisions.values() for a in d.acts if a.outcome not in ("deferred", "returned")]
    acts = [(d, a) for d, a in acts if a.data["deciders"]]
    n, yes, no = Counter(d.home for d, _ in acts), Counter[str](), Counter[str]()
    for d, a in acts:
        yes[d.home] += a.outcome in ("accepted", "provisional")
        no[d.home] += a.outcome == "rejected"
    lift: dict[str, list[Fraction]] = defaultdict(list)
    for c in r.consultations.values():
        for at, by, stance in c.advice if c.about in r.decisions else []:
            d = r.decisions[c.about]
            after = [a for _, a in acts if a in d.acts and a.at > at]
            if not after or stance not in ("support", "objection"):
                continue
            act = min(after, key=lambda a: a.at)
            if by in [one["holder"] for one in act.data["deciders"]] or _sits(r, by, act):
                continue
            counts = yes if stance == "support" else no
            wanted = ("accepted", "provisional") if stance == "support" else ("rejected",)
            match = act.outcome in wanted
            if n[d.home] > 1:
                lift[by].append(match - Fraction(counts[d.home] - match, n[d.home] - 1))
    assert {row.adviser: row.lift for row in heard.advisers if row.judged} == {
        by: float(sum(each) / len(each)) for by, each in lift.items()
    }


def _sits(r: Reading, by: str, act: Any) -> bool:
    bodies = [one.partition("/")[2] for one in act.deciders if one.startswith("body/")]
    return any(by.partition("/")[2] in r.seated(body, act.at) for body in bodies)
