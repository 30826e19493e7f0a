"""Stories about what is said: rows that are missing, empty, late, outdated or too easily changed."""

from services.connectors.demo.clock import DAY, day
from services.connectors.demo.plants import Plant, Script, Sight, made, of


def tell(script: Script) -> None:
    """Write them all."""
    _unstated(script)
    _vacant(script)
    _retroactive(script)
    _stale_statement(script)
    _meta_authority(script)
    _overdue(script)


def _unstated(script: Script) -> None:
    start = day(2025, 3, 4)
    cases = [script.alone("events", start + k * 45 * DAY, "a-16") for k in range(6)]
    why = "nobody ever stated who decides on events"
    script.plant(Plant("unstated", "domain/events", ("actor/a-16",), start, (made(cases),), why))
    start = day(2024, 10, 15)
    sight = Sight("decision.made", domain="onboarding", since=start)
    why = "onboarding has no row of its own any more, but inherits that of customers"
    script.plant(Plant("unstated", "domain/onboarding", ("body/b-3", "body/b-5"), start, (sight,), why, True))


def _vacant(script: Script) -> None:
    start = script.org.cast.absent["a-47"][0][0]
    sights = (of("matrix.row_set", "learning", since=day(2024, 7, 1)), of("actor.left", "a-47"))
    why = "two must agree and one of the two has left"
    script.plant(Plant("vacant", "domain/learning", ("actor/a-17", "actor/a-47"), start, sights, why))
    start, mended = script.org.cast.absent["a-41"][0][0], day(2025, 4, 22)
    sights = (of("matrix.row_set", "people", since=day(2024, 9, 1)), of("actor.left", "a-41"))
    why = "one of six has left; three can still decide"
    script.plant(Plant("vacant", "domain/people", ("actor/a-41",), start, sights, why, True, until=mended))


def _retroactive(script: Script) -> None:
    at = day(2025, 5, 10)
    case = script.alone("discounts", at, "a-26")
    sights = (made([case]), of("matrix.row_set", "discounts", since=day(2025, 5, 2)))
    why = "decided ten days before the row that allows it was set, which was then said to hold already"
    script.plant(Plant("retroactive", "domain/discounts", ("actor/a-26",), at, sights, why))
    times = (day(2025, 6, 9), day(2025, 6, 21))
    cases = [script.alone("procurement", at, "a-23") for at in times]
    sights = (made(cases), of("matrix.row_set", "procurement", since=day(2025, 6, 1)))
    why = "decided a day before a row took effect backwards, and a day after it was set"
    script.plant(Plant("retroactive", "domain/procurement", ("actor/a-23",), times[0], sights, why, True))


def _stale_statement(script: Script) -> None:
    start = script.org.cast.absent["a-56"][0][0]
    sights = (of("matrix.row_set", "roadmap", since=day(2024, 10, 1)), of("actor.left", "a-56"))
    why = "the row still asks somebody who left half a year ago"
    script.plant(Plant("stale statement", "domain/roadmap", ("actor/a-56",), start, sights, why))
    start, mended = script.org.cast.absent["a-41"][0][0], day(2025, 4, 22)
    sights = (of("matrix.row_set", "people", since=day(2024, 9, 1)), of("actor.left", "a-41"))
    why = "the row named somebody who had left, for three weeks"
    near = Plant("stale statement", "domain/people", ("actor/a-41",), start, sights, why, True, until=mended)
    script.plant(near)


def _meta_authority(script: Script) -> None:
    start = day(2024, 11, 18)
    sight = of("matrix.row_set", "security", since=start)
    why = "two decide on security, and one alone may change who does"
    script.plant(Plant("meta-authority", "domain/security", ("actor/a-3",), start, (sight,), why))
    start = day(2024, 9, 16)
    sight = of("matrix.row_set", "hosting", since=start)
    why = "two decide, and it takes the same two to change who does"
    actors = ("actor/a-15", "actor/a-27")
    script.plant(Plant("meta-authority", "domain/hosting", actors, start, (sight,), why, True))


def _overdue(script: Script) -> None:
    case = script.case("budget", day(2025, 3, 20))
    case.review = (day(2025, 9, 15), None)
    why = "to be reviewed in September, never was"
    actors = tuple(d["holder"] for d in case.deciders)
    script.plant(Plant("overdue", "domain/budget", actors, case.review[0], (made([case]),), why))
    case = script.case("finance", day(2025, 8, 11))
    case.emergency = (case.made + 14 * DAY, None)
    why = "decided in an emergency, never ratified"
    actors = tuple(d["holder"] for d in case.deciders)
    script.plant(Plant("overdue", "domain/finance", actors, case.emergency[0], (made([case]),), why))
    case = script.case("budget", day(2025, 4, 24))
    case.review = (day(2025, 10, 1), day(2025, 9, 30))
    sights = (made([case]), of("decision.reviewed", case.id))
    why = "reviewed on the eve of the day"
    actors = tuple(d["holder"] for d in case.deciders)
    script.plant(Plant("overdue", "domain/budget", actors, case.review[0], sights, why, True))
