"""Stories about who decides: in the shadow, too often, twice, for themselves, or over others' heads."""

from services.connectors.demo.case import Afterword, Outcome, Position
from services.connectors.demo.clock import DAY, HOUR, day
from services.connectors.demo.plants import Plant, Script, Sight, made, of


def tell(script: Script) -> None:
    """Write them all."""
    _shadow_authority(script)
    _dominance(script)
    _hidden_influence(script)
    _overlap(script)
    _self_approval(script)
    _override_habit(script)
    _churn(script)
    _incoherence(script)
    _unanswered_agent(script)


def _shadow_authority(script: Script) -> None:
    start = day(2025, 2, 11)
    cases = [script.alone("hosting", start + k * 19 * DAY, "a-57") for k in range(8)]
    why = "hosting is for two to decide together; somebody else decided eight times alone"
    script.plant(Plant("shadow authority", "domain/hosting", ("actor/a-57",), start, (made(cases),), why))
    start = day(2025, 4, 8)
    cases = [script.alone("releases", start + k * 30 * DAY, "a-27") for k in range(2)]
    why = "out of mandate, but only twice"
    near = Plant("shadow authority", "domain/releases", ("actor/a-27",), start, (made(cases),), why, True)
    script.plant(near)


def _dominance(script: Script) -> None:
    start = day(2025, 1, 6)
    sight = Sight("decision.made", domain="tooling", names="actor/a-27", since=start)
    why = "four may decide alone, one does in seventeen of twenty"
    script.plant(Plant("dominance", "domain/tooling", ("actor/a-27",), start, (sight,), why))
    start = day(2024, 12, 9)
    sight = Sight("decision.made", domain="budget", names="actor/a-29", since=start)
    why = "three may decide alone, one does every other time: chance gives as much"
    script.plant(Plant("dominance", "domain/budget", ("actor/a-29",), start, (sight,), why, True))


def _hidden_influence(script: Script) -> None:
    start = day(2025, 1, 15)
    sight = Sight("consultation.advice_given", domain="roadmap", names="actor/a-38", since=start)
    why = "no stated part in the roadmap, yet what this adviser says is what happens, yes or no"
    script.plant(Plant("hidden influence", "domain/roadmap", ("actor/a-38",), start, (sight,), why))
    start = day(2025, 1, 20)
    sight = Sight("consultation.advice_given", domain="onboarding", names="actor/a-53", since=start)
    why = "always followed, but advised only nine times"
    near = Plant("hidden influence", "domain/onboarding", ("actor/a-53",), start, (sight,), why, True)
    script.plant(near)


def _overlap(script: Script) -> None:
    start, handed = day(2025, 3, 10), day(2025, 5, 1)
    turns = [(0, "a-8"), (15, "a-14"), (29, "a-8"), (41, "a-14"), (63, "a-8"), (77, "a-14"), (87, "a-8")]
    turns += [(100, "a-14"), (113, "a-14")]
    cases = [script.alone("pricing", start + d * DAY, a) for d, a in turns]
    why = f"handed over {(handed - start) // DAY} days in; before and after, both go on deciding alone"
    actors = ("actor/a-14", "actor/a-8")
    script.plant(Plant("overlap", "domain/pricing", actors, start, (made(cases),), why))
    start = day(2025, 3, 6)
    turns = [(0, "a-9"), (12, "a-15"), (25, "a-9"), (40, "a-15"), (55, "a-9"), (70, "a-15")]
    cases = [script.alone("engineering", start + d * DAY, a) for d, a in turns]
    why = "both decide alone in turn, but one holds a mandate from the other"
    actors = ("actor/a-15", "actor/a-9")
    script.plant(Plant("overlap", "domain/engineering", actors, start, (made(cases),), why, True))


def _self_approval(script: Script) -> None:
    case = script.alone("procurement", day(2025, 3, 18), "a-23")
    case.proposer = "a-23"
    why = "proposed and decided by the same one of two who may decide"
    script.plant(
        Plant("self-approval", "domain/procurement", ("actor/a-23",), case.made, (made([case]),), why)
    )
    case = script.alone("procurement", day(2025, 8, 5), "a-53")
    case.proposer = "a-53"
    case.deciders.append({"holder": "actor/a-23"})
    case.electorate.append({"holder": "actor/a-23"})
    case.positions.append(Position("a-23", case.made - HOUR, "approve", reason=True))
    why = "the proposer decided, but not alone"
    near = Plant(
        "self-approval", "domain/procurement", ("actor/a-53",), case.made, (made([case]),), why, True
    )
    script.plant(near)


def _override_habit(script: Script) -> None:
    start = day(2025, 1, 14)
    cases = [script.case("design", start + k * 38 * DAY) for k in range(8)]
    for k, case in enumerate(cases):
        at = case.made + (9 + k) * DAY
        word = [{"holder": "actor/a-2"}]
        outcome: Outcome | None = None if k % 3 == 0 else "rejected"
        case.afterwords = [Afterword("overridden", at, "a-2", word, outcome, at + 8 * DAY)]
    over = of("decision.overridden", *(case.id for case in cases))
    why = "what the designers decide, their head undoes every third time"
    script.plant(Plant("override habit", "domain/design", ("actor/a-2",), start, (over,), why))
    start = day(2025, 2, 6)
    cases = [script.case("learning", start + k * 90 * DAY) for k in range(2)]
    for case in cases:
        at = case.made + 10 * DAY
        word = [{"holder": "actor/a-5"}]
        case.afterwords = [Afterword("overridden", at, "a-5", word, "rejected", at + 6 * DAY)]
    over = of("decision.overridden", *(case.id for case in cases))
    why = "overridden twice in all, among many that held"
    script.plant(Plant("override habit", "domain/learning", ("actor/a-5",), start, (over,), why, True))


def _churn(script: Script) -> None:
    start = day(2025, 1, 21)
    cases = [script.case("finance", start + k * 44 * DAY) for k in range(7)]
    for k, case in enumerate(cases):
        at = case.made + 15 * DAY
        if k % 3 == 2:
            case.afterwords = [Afterword("overridden", at, "a-23", case.deciders, "rejected", at + 7 * DAY)]
        else:
            case.afterwords = [Afterword("reopened", at, "a-23", case.deciders, "accepted")]
    ids = [case.id for case in cases]
    sights = (of("decision.reopened", *ids), of("decision.overridden", *ids))
    why = "a third of what is decided here is reopened or reversed by those who decided it"
    script.plant(Plant("churn", "domain/finance", ("actor/a-23",), start, sights, why))
    start = day(2025, 3, 11)
    cases = [script.case("people", start + k * 70 * DAY) for k in range(2)]
    for case in cases:
        case.afterwords = [Afterword("reopened", case.made + 12 * DAY, "a-11", case.deciders, "accepted")]
    sight = of("decision.reopened", *(case.id for case in cases))
    why = "reopened twice in all, among many that held"
    script.plant(Plant("churn", "domain/people", ("actor/a-11",), start, (sight,), why, True))


def _incoherence(script: Script) -> None:
    stories = [
        ("field", day(2025, 6, 3), "b-7", "b-8", "undone by a body it has never met with", False),
        ("customers", day(2025, 5, 13), "b-5", "b-3", "undone by another body, after they had met", True),
    ]
    for domain, start, first, second, why, near in stories:
        case = script.case(domain, start)
        case.deciders, at = [{"holder": f"body/{first}"}], start + 24 * DAY
        undone = [{"holder": f"body/{second}"}]
        case.afterwords = [Afterword("overridden", at, "a-1", undone, "rejected", at + 9 * DAY)]
        actors = tuple(sorted((f"body/{first}", f"body/{second}")))
        sights = (made([case]), of("decision.overridden", case.id))
        script.plant(Plant("incoherence", f"domain/{domain}", actors, at, sights, why, near))


def _unanswered_agent(script: Script) -> None:
    start = script.org.cast.absent["a-59"][0][0]
    sight = Sight("decision.made", domain="support", names="actor/g-2", since=start)
    why = "it goes on deciding although the one it reports to has left"
    script.plant(Plant("unanswered agent", "domain/support", ("actor/g-2",), start, (sight,), why))
    start = script.org.cast.absent["a-46"][0][0]
    sight = Sight("decision.made", domain="support", names="actor/g-1", since=start)
    why = "the one it reported to left; within the hour somebody else answered for it"
    script.plant(Plant("unanswered agent", "domain/support", ("actor/g-1",), start, (sight,), why, True))
