"""The organisation's own facts: who joins and leaves, seats, domains, rows and mandates."""

from collections.abc import Iterator

from services.connectors.demo.cast import AGENTS, ALIAS, FOREVER, JOINED, VACATED
from services.connectors.demo.clock import DAY, HOUR, day, stamp
from services.connectors.demo.organisation import Organisation
from services.connectors.demo.pen import FORGE, GOVERNANCE, HR, Json, Pen, Step
from services.connectors.demo.rows import Row, amenders, row_data

FIRST_DAY = 7 * HOUR
TERMS = [("b-1", "a-60", day(2025, 1, 15)), ("b-2", "a-5", day(2025, 2, 1))]
Basis = dict[tuple[str, int], str]  # what a row rests on: (domain, since) → decision/… or lesson/…


def facts(org: Organisation, pen: Pen, basis: Basis) -> list[Step]:
    """Every structural fact, in occurred order."""
    steps = [
        *_actors(org, pen),
        *_bodies(org, pen),
        *_domains(org, pen),
        *_matrix(org, pen, basis),
        *_mandates(pen),
    ]
    return sorted((s for s in steps if s[0] < org.end), key=lambda step: step[0])


def _actors(org: Organisation, pen: Pen) -> Iterator[Step]:
    cast = org.cast
    for number, (actor, name) in enumerate(cast.names.items()):
        joined = cast.joined.get(actor, FIRST_DAY + number)
        yield joined, pen.write("actor.registered", actor, joined, _person(org, actor, name), HR), 0
        for since, until in cast.absent.get(actor, ()):
            yield since, pen.write("actor.left", actor, since, {"reason": "moved on"}, HR), 0
            if until < FOREVER:
                yield until, pen.write("actor.returned", actor, until, {}, HR), 0
    yield from _software(org, pen)
    other, same, merged = ALIAS
    seen: Json = {"kind": "person", "profile": {"name": cast.names[same], "handles": ["forge:yz"]}}
    yield JOINED[other], pen.write("actor.registered", other, JOINED[other], seen, FORGE), 0
    yield merged, pen.write("actor.merged", other, merged, {"into": same}, HR), 0
    promoted = day(2025, 4, 7)
    yield promoted, pen.write("actor.updated", "a-36", promoted, _person(org, "a-36", "", "a-6"), HR), 0


def _person(org: Organisation, actor: str, name: str, reports_to: str | None = None) -> Json:
    superior = reports_to or org.cast.reports_to.get(actor)
    data: Json = {"kind": "person", "profile": {"name": name or org.cast.names[actor]}}
    return data | ({"reports_to": superior} if superior else {})


def _software(org: Organisation, pen: Pen) -> Iterator[Step]:
    for agent, (name, superior) in AGENTS.items():
        data: Json = {"kind": "agent", "profile": {"name": name}, "reports_to": superior}
        yield JOINED[agent], pen.write("actor.registered", agent, JOINED[agent], data, HR), 0
    system: Json = {"kind": "system", "profile": {"name": "Minutes bot"}, "reports_to": "a-17"}
    yield JOINED["y-1"], pen.write("actor.registered", "y-1", JOINED["y-1"], system, HR), 0
    moved = org.cast.absent["a-46"][0][0] + HOUR
    answered: Json = {"kind": "agent", "profile": {"name": AGENTS["g-1"][0]}, "reports_to": "a-10"}
    yield moved, pen.write("actor.updated", "g-1", moved, answered, HR), 0


def _bodies(org: Organisation, pen: Pen) -> Iterator[Step]:
    for id, body in org.cast.bodies.items():
        formed = body.formed + FIRST_DAY + HOUR // 2
        data: Json = {"name": body.name, "kind": body.kind, "rule": body.rule}
        yield formed, pen.write("body.formed", id, formed, data, HR), 0
        for actor, since, _ in body.seats:
            yield from _seat(org, pen, id, actor, max(since, formed) + HOUR)
        if id == "b-4":  # engineers stop waiting for everybody
            data |= {"rule": {"kind": "quota", "more_than": "2/3"}, "purpose": "Keep things running"}
            yield day(2024, 11, 4), pen.write("body.updated", id, day(2024, 11, 4), data, HR), 0
        if body.dissolved < FOREVER:
            data = {"into": ["b-2"]}
            yield body.dissolved, pen.write("body.dissolved", id, body.dissolved, data, HR), 0
    for id, actor, at, _ in VACATED:
        yield at, pen.write("body.seat_vacated", id, at, {"actor": actor}, HR), 0
    for id, actor, until in TERMS:
        renewed = until - 10 * DAY
        yield renewed, pen.write("body.seat_taken", id, renewed, {"actor": actor, "by": "a-1"}, HR), 0


def _seat(org: Organisation, pen: Pen, body: str, actor: str, at: int) -> Iterator[Step]:
    data: Json = {"actor": actor}
    terms = [until for b, a, until in TERMS if (b, a) == (body, actor)]
    data |= {"until": stamp(terms[0])} if terms else {}
    late = 12 * DAY if actor in ("a-54", "a-58") else 0  # somebody forgot to say so at once
    yield at, pen.write("body.seat_taken", body, at, data, HR), late
    for since, until in org.cast.absent.get(actor, ()):
        if since > at and until == FOREVER:
            yield since, pen.write("body.seat_vacated", body, since, {"actor": actor}, HR), 0


def _domains(org: Organisation, pen: Pen) -> Iterator[Step]:
    for id, field in org.fields.items():
        at = field.defined or FIRST_DAY + HOUR
        data: Json = {"name": field.name, "stakes": field.stakes}
        data |= {"parent": field.parent} if field.parent else {}
        yield at, pen.write("domain.defined", id, at, data), 0
        if field.moved is not None:
            at, parent = field.moved
            yield at, pen.write("domain.updated", id, at, data | {"parent": parent}), 0
        if field.retired is not None:
            at, into = field.retired
            yield at, pen.write("domain.retired", id, at, {"into": into}), 0


def _matrix(org: Organisation, pen: Pen, basis: Basis) -> Iterator[Step]:
    for domain, field in org.fields.items():
        before: Row | None = None
        for row in field.rows:
            at = row.since or FIRST_DAY + 2 * HOUR
            if row.cleared:
                yield at, pen.write("matrix.row_cleared", domain, at, {"reason": "its parent's will do"}), 0
            else:
                data = row_data(row, _setters(before), basis.get((domain, row.since)))
                yield at, pen.write("matrix.row_set", domain, at, data), 0
            before = row


def _setters(before: Row | None) -> list[str]:
    """Those who amend: the holders of the row before, a body speaking through its head."""
    who = amenders(before)[0] if before else ()
    return sorted({h[6:] if h.startswith("actor/") else "a-1" for h in who} or {"a-1"})


def _mandates(pen: Pen) -> Iterator[Step]:
    lent = [
        (
            "domain/pricing",
            "a-1",
            "a-2",
            day(2024, 2, 1, 0),
            day(2024, 5, 1),
            False,
            {"stakes_up_to": "high"},
        ),
        ("domain/budget", "a-1", "a-5", day(2024, 2, 12, 0), day(2024, 7, 1), True, None),
        ("domain/budget", "a-5", "a-11", day(2024, 4, 1, 0), day(2024, 7, 1), False, None),
        ("domain/engineering", "a-9", "a-15", day(2025, 2, 1, 0), day(2025, 9, 1), False, None),
        ("domain/hosting", "a-3", "a-9", day(2024, 3, 4), day(2024, 9, 1), False, None),
    ]
    for scope, from_, to, at, until, redelegable, limits in lent:
        id = pen.name("m")
        data: Json = {"scope": scope, "from": f"actor/{from_}", "to": [f"actor/{to}"], "until": stamp(until)}
        data |= {"redelegable": True} if redelegable else {}
        data |= {"limits": limits} if limits else {}
        yield at, pen.write("mandate.delegated", id, at, data, GOVERNANCE), 0
    at = day(2024, 5, 13)
    yield at, pen.write("mandate.ended", id, at, {"by": "a-3", "reason": "handed over"}, GOVERNANCE), 0
