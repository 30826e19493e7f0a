"""Stories about how work flows: what stalls, who is waited for, not heard or not told, what is not learnt."""

from services.connectors.demo.clock import DAY, HOUR, day, stamp
from services.connectors.demo.pen import Json
from services.connectors.demo.plants import Plant, Script, Sight, made, of


def tell(script: Script) -> None:
    """Write them all."""
    _stalled(script)
    _unformalised(script)
    _bypassed_consultation(script)
    _uninformed(script)
    _rubber_stamp(script)
    _approval_habit(script)
    _bottleneck(script)
    _exclusion(script)
    _silos(script)
    _unlearned(script)


def _stalled(script: Script) -> None:
    at = day(2025, 7, 8)
    initiative = script.open_initiative("travel", at, "Book trips without asking", "a-29")
    why = "somebody proposed something in July and nothing has been decided since May"
    sight = of("initiative.proposed", initiative)
    script.plant(Plant("stalled", "domain/travel", ("actor/a-29",), at, (sight,), why))
    at = day(2025, 11, 3)
    case = script.case("discounts", day(2025, 10, 18))
    initiative = script.open_initiative("discounts", at, "A discount for schools", "a-44")
    sights = (made([case]), of("initiative.proposed", initiative))
    why = "open work, and the last decision eleven weeks ago"
    script.plant(Plant("stalled", "domain/discounts", ("actor/a-44",), at, sights, why, True))


def _unformalised(script: Script) -> None:
    start = day(2025, 2, 19)
    cases = [script.case("strategy", start + k * 100 * DAY) for k in range(3)]
    for case in cases:
        case.tacit, case.written = True, False
    why = "two people decide on strategy, and it is written down nowhere"
    actors = ("actor/a-4", "actor/a-6")
    script.plant(Plant("unformalised", "domain/strategy", actors, start, (made(cases),), why))
    case = script.case("product", day(2025, 6, 3))
    case.tacit, case.written, case.formalised = True, False, case.made + 2 * DAY
    sights = (made([case]), of("decision.formalised", case.id))
    why = "tacit for two days, then written down"
    near = Plant(
        "unformalised", "domain/product", ("body/b-3",), case.made, sights, why, True, case.formalised
    )
    script.plant(near)


def _bypassed_consultation(script: Script) -> None:
    case = script.case("budget", day(2025, 4, 15))
    case.consultations = [c for c in case.consultations if not c.mandatory]
    why = "whoever must be asked was not"
    script.plant(
        Plant("bypassed consultation", "domain/budget", ("actor/a-17",), case.made, (made([case]),), why)
    )
    case = script.case("budget", day(2025, 6, 12))
    asked = next(c for c in case.consultations if c.mandatory)
    asked.at = case.made - DAY - 10 * 60
    asked.due, asked.advice[0].at = asked.at + DAY, None
    sights = (made([case]), Sight("consultation.requested", frozenset({case.id})))
    why = "asked, waited for just as long as the row demands, and silent"
    near = Plant("bypassed consultation", "domain/budget", ("actor/a-17",), case.made, sights, why, True)
    script.plant(near)


def _uninformed(script: Script) -> None:
    case = script.case("engineering", day(2025, 4, 2))
    case.told_at = None
    why = "the team the row informs was never told"
    script.plant(Plant("uninformed", "domain/engineering", ("body/b-4",), case.made, (made([case]),), why))
    case = script.case("engineering", day(2025, 7, 10))
    case.told_at = case.made + 13 * DAY
    sights = (made([case]), of("decision.communicated", case.id))
    why = "told on the thirteenth day"
    script.plant(Plant("uninformed", "domain/engineering", ("body/b-4",), case.made, sights, why, True))


def _rubber_stamp(script: Script) -> None:
    start = day(2024, 9, 2)
    for actor, why, near in (
        ("a-24", "approves everything within minutes and never says why", False),
        ("a-30", "approves everything and never says why, but takes more than an hour each time", True),
    ):
        sight = Sight("decision.position_taken", domain="releases", names=f"actor/{actor}", since=start)
        script.plant(
            Plant("rubber stamp", "domain/releases", (f"actor/{actor}",), start, (sight,), why, near)
        )


def _approval_habit(script: Script) -> None:
    for domain, start, who, deciders, why, near in (
        ("hiring", day(2025, 2, 18), "a-11", ("a-11",), "could decide alone, and asks up every time", False),
        ("learning", day(2025, 3, 18), "a-17", ("a-17", "a-47"), "asks up, but could not decide alone", True),
    ):
        cases = [script.case(domain, start + k * 55 * DAY) for k in range(4)]
        for case in cases:
            case.proposer = who
            case.escalated = (case.made - HOUR, f"actor/{who}", "actor/a-5")
            case.deciders = [{"holder": f"actor/{a}"} for a in deciders]
        sights = (made(cases), of("decision.escalated", *(case.id for case in cases)))
        script.plant(Plant("approval habit", f"domain/{domain}", (f"actor/{who}",), start, sights, why, near))


def _bottleneck(script: Script) -> None:
    start = day(2025, 5, 1)
    sight = Sight("consultation.requested", domain="security", names="actor/a-39", since=start)
    why = "every decision on security waits two months for one adviser"
    script.plant(Plant("bottleneck", "domain/security", ("actor/a-39",), start, (sight,), why))
    start = day(2025, 7, 1)
    cases = [script.case("architecture", start + k * 34 * DAY) for k in range(4)]
    for case in cases:
        asked = next(c for c in case.consultations if c.mandatory)
        asked.at -= 30 * DAY
        asked.due, asked.advice[0].at = asked.at + DAY, case.opened - HOUR
        case.proposed = min(case.proposed, asked.at - HOUR)
    ids = frozenset(case.id for case in cases)
    why = "a month each time, but four times in all"
    sights = (Sight("consultation.requested", ids, names="actor/a-51"),)
    near = Plant("bottleneck", "domain/architecture", ("actor/a-51",), start - 30 * DAY, sights, why, True)
    script.plant(near)


def _exclusion(script: Script) -> None:
    for domain, start, actor, why, near in (
        ("architecture", day(2024, 12, 2), "a-45", "in every electorate, and almost never takes part", False),
        (
            "people",
            day(2024, 9, 9),
            "a-41",
            "never takes part, but was asked less than ten times before leaving",
            True,
        ),
    ):
        sight = Sight("decision.opened", domain=domain, names=f"actor/{actor}", since=start)
        script.plant(Plant("exclusion", f"domain/{domain}", (f"actor/{actor}",), start, (sight,), why, near))


def _silos(script: Script) -> None:
    for domain, start, actors, why, near in (
        ("field", day(2025, 3, 10), ("body/b-7", "body/b-8"), "decide side by side and share nobody", False),
        ("customers", day(2024, 10, 7), ("body/b-3", "body/b-5"), "share nobody, but meet every month", True),
    ):
        sight = Sight("decision.made", domain=domain, since=start)
        script.plant(Plant("silos", f"domain/{domain}", actors, start, (sight,), why, near))


def _unlearned(script: Script) -> None:
    case = script.case("product", day(2025, 4, 17))
    case.initiative = case.initiative or script.pen.name("i")
    actors: tuple[str, ...] = (f"actor/{case.proposer}",)
    id, at = script.pen.name("x"), day(2025, 5, 5)
    started: Json = {"initiative": case.initiative, "hypothesis": "Half the price doubles the use"}
    started["ends_at"] = stamp(day(2025, 8, 1))
    script.loose.append([(at, script.pen.write("experiment.started", id, at, started), 0)])
    why = "ended in August, and nobody said what came of it"
    sight = of("experiment.started", id)
    script.plant(Plant("unlearned", "domain/product", actors, day(2025, 8, 1), (sight,), why))
    case = script.case("product", day(2025, 7, 8))
    case.initiative = case.initiative or script.pen.name("i")
    actors = (f"actor/{case.proposer}",)
    case.executed = case.made + 9 * DAY
    case.completed = (case.made + 20 * DAY, "failed")
    case.failure_debrief = case.completed[0] + 28 * DAY
    sights = (
        of("initiative.completed", case.initiative),
        Sight("debrief.held", frozenset({case.initiative})),
    )
    why = "failed, and talked over four weeks later"
    script.plant(Plant("unlearned", "domain/product", actors, case.completed[0], sights, why, True))
