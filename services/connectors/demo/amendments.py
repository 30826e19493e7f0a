"""Rows are changed by decisions: each new row of the core rests on one, or on a lesson."""

from services.connectors.demo.clock import DAY, HOUR
from services.connectors.demo.pen import MEETINGS, Json
from services.connectors.demo.plants import Script
from services.connectors.demo.structure import Basis


def amend(script: Script) -> Basis:
    """Write the decisions and lessons that new rows rest on; what each row's `basis` is."""
    basis: Basis = {}
    for domain, field in script.org.fields.items():
        for row in field.rows:
            if row.since == 0 or row.cleared or row.since >= script.org.end:
                continue
            if row.lesson is not None:
                basis[domain, row.since] = f"lesson/{_lesson(script, domain, row.since - 10 * DAY)}"
                continue
            case = script.case("governance", row.since - 3 * HOUR)
            case.title = f"Who decides: {field.name}"
            basis[domain, row.since] = f"decision/{case.id}"
    return basis


def _lesson(script: Script, domain: str, at: int) -> str:
    id = script.pen.name("l")
    debrief = script.pen.name("r")
    held: Json = {"about": f"domain/{domain}", "participants": ["actor/a-10", "actor/a-17"]}
    held |= {"worked": ["those who do the work knew best"], "failed": ["everything waited for one desk"]}
    learnt: Json = {"from": f"debrief/{debrief}", "text": "let those who do the work decide"}
    learnt |= {"proposes_row": domain}
    script.loose.append(
        [
            (at, script.pen.write("debrief.held", debrief, at, held, MEETINGS), 0),
            (at + HOUR, script.pen.write("lesson.recorded", id, at + HOUR, learnt, MEETINGS), 0),
        ]
    )
    return id
