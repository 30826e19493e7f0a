"""What recurs: spaces that meet, pulses, experiments and what was learnt, knots that a coach names."""

from collections import deque
from collections.abc import Iterator
from random import Random

from services.connectors.demo.clock import DAY, HOUR, day, stamp
from services.connectors.demo.organisation import Organisation
from services.connectors.demo.pen import HR, MEETINGS, Json, Pen, Step

Recent = deque[tuple[int, str]]  # (made, decision), the latest last

# name, kind, cadence, days between, from, until, teams whose leads come (and the head of the first ones)
_SPACES = [
    ("Leadership circle", "circle", "P1M", 30, day(2024, 1, 10), 2**40, (0, 1, 2, 3), True),
    ("Engineering guild", "community", "P2W", 14, day(2024, 7, 3), 2**40, (1,), False),
    ("Decision forum", "forum", "P2W", 14, day(2024, 10, 9), 2**40, (0, 1, 2, 3), False),
    ("Workshop stand-up", "meeting", "P3W", 21, day(2024, 1, 16), 2**40, (4,), True),
    ("Field round", "meeting", "P1M", 30, day(2025, 3, 18), 2**40, (5,), True),
    ("Transition table", "review", "P1M", 30, day(2024, 2, 6), day(2025, 3, 3), (3,), True),
]
_OBSTACLES = ["approvals take too long", "nobody knows who decides on travel", "too many channels"]
_INSIGHTS = ["asking early saved a week", "small steps were easier to undo", "users found it first"]
_NEEDS = ["a second pair of eyes", "a clearer row", "time for the debrief"]
_UPCOMING = ["the new price list", "next year's budget", "the move of the storage"]
_HYPOTHESES = [
    "Teams that set their own prices lose no margin",
    "A weekly forum replaces three approvals",
    "New colleagues can release in their first week",
    "Rotating the facilitator makes sessions shorter",
]


def sessions(org: Organisation, pen: Pen, rng: Random, recent: Recent) -> list[Iterator[Step]]:
    """One process a space."""
    return [_space(k, org, pen, rng, recent) for k in range(len(_SPACES))]


def _space(number: int, org: Organisation, pen: Pen, rng: Random, recent: Recent) -> Iterator[Step]:
    name, kind, cadence, every, since, until, teams, heads = _SPACES[number]
    id = f"s-{number + 1}"
    people = _attending(org, teams, heads, whole=len(teams) == 1)
    opened: Json = {"name": name, "kind": kind, "cadence": cadence, "members": [f"actor/{a}" for a in people]}
    yield since - 2 * DAY, pen.write("space.opened", id, since - 2 * DAY, opened, MEETINGS), 0
    at = since
    while at < min(until, org.end):
        present = [f"actor/{a}" for a in people if org.cast.present(a, at) and rng.random() < 0.9]
        if len(present) > 1:
            held = _held(at, present, rng, recent)
            late = int(rng.uniform(1, 8) * DAY) if rng.random() < 0.1 else 0
            yield at, pen.write("space.session_held", id, at, held, MEETINGS), late
        at += int((every + rng.choice([0, 0, 0, 0, 7])) * DAY)
    if until < org.end:
        yield until, pen.write("space.closed", id, until, {}, MEETINGS), 0


def _attending(org: Organisation, teams: tuple[int, ...], heads: bool, whole: bool) -> list[str]:
    found = ["a-1"] if heads and not whole else []
    for number in teams:
        team = org.cast.teams[number]
        found += [team.head] if heads else []
        found += list(team.leads)
        found += list(team.members[:4]) if whole else []
    return found


def _held(at: int, present: list[str], rng: Random, recent: Recent) -> Json:
    shared = [decision for made, decision in recent if at - 20 * DAY < made <= at]
    held: Json = {"attendees": present, "facilitator": rng.choice(present), "decisions": shared[-8:]}
    for member, words, chance in (
        ("obstacles", _OBSTACLES, 0.4),
        ("insights", _INSIGHTS, 0.5),
        ("needs", _NEEDS, 0.3),
        ("upcoming", _UPCOMING, 0.5),
    ):
        if rng.random() < chance:
            held[member] = [rng.choice(words)]
    return held


def pulses(org: Organisation, pen: Pen, rng: Random) -> Iterator[Step]:
    """Four questions a body and quarter; what is lived rises to what is stated. One was counted twice."""
    for quarter in range(org.end // (91 * DAY)):
        at = (quarter * 91 + 80) * DAY + 10 * HOUR
        grown = min(1.0, quarter / 8)
        for body in ("b-3", "b-4", "b-5", "b-6", "b-7"):
            for question in ("trust", "clarity", "autonomy", "energy"):
                at += 60
                lived = round(0.45 + 0.3 * grown + rng.uniform(-0.06, 0.06), 3)
                data: Json = {"body": body, "question": question, "stated": 0.8, "experienced": lived}
                data |= {"respondents": rng.randint(5, 9), "asked": stamp(at - 7 * DAY)}
                yield at, pen.write("pulse.recorded", f"{body}-{question}-{quarter}", at, data, HR), 0
        if quarter == 2:
            yield from _twice(pen, at)


def _twice(pen: Pen, at: int) -> Iterator[Step]:
    data: Json = {"body": "b-3", "question": "energy", "experienced": 0.5, "respondents": 5}
    again = pen.write("pulse.recorded", "b-3-energy-2", at + HOUR, data, HR)
    yield at + HOUR, again, 0
    named = {"source": again["source"], "id": again["id"], "reason": "it was counted twice"}
    taken_back = pen.write("event.retracted", "", at + 2 * DAY, named, HR)
    taken_back["subject"] = again["subject"]
    yield at + 2 * DAY, taken_back, 0


def experiments(org: Organisation, pen: Pen, rng: Random) -> list[list[Step]]:
    """Experiments that end when they said, are looked back on, and leave a lesson."""
    found = []
    for number in range(9):
        since = day(2024, 3, 11) + number * 70 * DAY
        if since + 60 * DAY < org.end:
            found.append(_experiment(since, _HYPOTHESES[number % len(_HYPOTHESES)], pen, rng))
    return found


def _experiment(since: int, hypothesis: str, pen: Pen, rng: Random) -> list[Step]:
    id, ends = pen.name("x"), since + 42 * DAY
    result = rng.choice(["supported", "supported", "refuted", "inconclusive"])
    started: Json = {
        "hypothesis": hypothesis,
        "limits": {"text": "one team, six weeks"},
        "ends_at": stamp(ends),
    }
    concluded = {"result": result, "evidence": "counted before and after"}
    held: Json = {"about": f"experiment/{id}", "participants": ["actor/a-8", "actor/a-9"]}
    held |= {"worked": ["it was small"], "adjustments": ["write the numbers down first"]}
    lesson: Json = {"from": f"experiment/{id}", "text": "small and measured beats long and argued"}
    times = (since, ends + DAY, ends + 5 * DAY, ends + 6 * DAY)
    return [
        (times[0], pen.write("experiment.started", id, times[0], started), 0),
        (times[1], pen.write("experiment.concluded", id, times[1], concluded), 0),
        (times[2], pen.write("debrief.held", pen.name("r"), times[2], held, MEETINGS), 0),
        (times[3], pen.write("lesson.recorded", pen.name("l"), times[3], lesson, MEETINGS), 0),
    ]


def coaching(pen: Pen) -> list[Step]:
    """A coach names two patterns; one leads to a change, one is disputed. Positions are not known here."""
    first, second, at = pen.name("k"), pen.name("k"), day(2024, 6, 20)
    raised: Json = {"by": "a-53", "entries": []}
    late = {"pattern": "bottleneck", "about": ["actor/a-1"], "note": "much waits for one desk"}
    vague = {"pattern": "overlap", "about": ["domain/design"]}
    answered: Json = {"by": "a-1", "response": "change", "note": "we hand domains over"}
    disputed: Json = {"by": "a-2", "response": "dispute"}
    return [
        (at, pen.write("knot.raised", first, at, raised | late, MEETINGS), 0),
        (at + 9 * DAY, pen.write("knot.answered", first, at + 9 * DAY, answered, MEETINGS), 0),
        (at + 80 * DAY, pen.write("knot.raised", second, at + 80 * DAY, raised | vague, MEETINGS), 0),
        (at + 90 * DAY, pen.write("knot.answered", second, at + 90 * DAY, disputed, MEETINGS), 0),
    ]
