"""Who is there: people in teams, the bodies they sit in, who reports to whom, who comes and goes."""

from dataclasses import dataclass, field
from typing import Literal

from services.connectors.demo.clock import day
from services.connectors.demo.pen import Json

Absence = tuple[int, int]
BodyKind = Literal["team", "circle", "council", "board", "community"]
FOREVER = 2**40
CORE = 60  # people with a part in the stories; more may be added

_GIVEN = [
    "Amara", "Bogdan", "Chiara", "Dawit", "Esra", "Farid", "Greta", "Hana", "Ines", "Jomo", "Keiko",
    "Lamar", "Mirela", "Naveen", "Oksana", "Paulo", "Quyen", "Rashid", "Sofie", "Tarek", "Ulrike",
    "Vusi", "Wanda", "Xiadani", "Yusuf", "Zofia", "Aroha", "Bjarne", "Ceren", "Dalia", "Emeka", "Freya",
    "Goran", "Huda", "Ilse", "Jasper", "Kamala", "Leif", "Malin", "Nilufar", "Otis", "Priya", "Raquel",
    "Sione", "Tomasz", "Uzma", "Viola", "Wesley", "Yara", "Zeki",
]  # fmt: skip
_FAMILY = [
    "Abara", "Brandt", "Castel", "Dlamini", "Eriksen", "Fofana", "Galvez", "Haddad", "Ivarsson",
    "Jansen", "Kaplan", "Lindqvist", "Moreau", "Nakata", "Okafor", "Petrov", "Quispe", "Rahman",
    "Soares", "Tanaka", "Umarov", "Varga", "Whetu", "Xiong", "Yilmaz", "Zelenka", "Aalto", "Bhatt",
    "Cisse", "Dvorak", "Endo", "Farkas", "Gruber", "Hosseini", "Iwu", "Jafari", "Kovac", "Lavoie",
    "Mbeki",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Team:
    """A head, the leads who report to it and the members who report to those. `body`: what they decide as."""

    head: str
    leads: tuple[str, ...]
    members: tuple[str, ...]
    body: str | None

    @property
    def people(self) -> tuple[str, ...]:
        return (self.head, *self.leads, *self.members)


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it is formed, and the seats of its first day: (actor, from, until)."""

    name: str
    kind: BodyKind
    rule: Json
    formed: int
    seats: list[tuple[str, int, int]]
    dissolved: int = FOREVER


@dataclass(slots=True)
class Cast:
    """Everybody, by id."""

    teams: list[Team]
    bodies: dict[str, Body]
    reports_to: dict[str, str]
    names: dict[str, str]
    joined: dict[str, int] = field(default_factory=dict)
    absent: dict[str, list[Absence]] = field(default_factory=dict)

    def present(self, actor: str, at: int) -> bool:
        """Whether the actor has joined and has not left."""
        if at < self.joined.get(actor, 0):
            return False
        return not any(since <= at < until for since, until in self.absent.get(actor, ()))

    def seated(self, body: str, at: int) -> list[str]:
        """Who sits in the body now."""
        seats = self.bodies[body].seats
        return [a for a, since, until in seats if since <= at < until and self.present(a, at)]


JOINED = {
    "a-48": day(2024, 3, 4),
    "a-52": day(2024, 1, 15),
    "a-54": day(2024, 4, 2),
    "a-55": day(2024, 5, 6),
    "a-57": day(2024, 7, 1),
    "a-58": day(2024, 9, 2),
    "g-1": day(2024, 9, 16),
    "g-2": day(2024, 9, 16),
    "y-1": day(2024, 2, 5),
    "x-1": day(2024, 1, 22),
}
ABSENT = {
    "a-25": [(day(2025, 8, 18), FOREVER)],
    "a-41": [(day(2025, 4, 1), FOREVER)],
    "a-46": [(day(2025, 3, 3), FOREVER)],
    "a-47": [(day(2025, 12, 12), FOREVER)],
    "a-52": [(day(2024, 8, 5), day(2024, 11, 11))],
    "a-56": [(day(2025, 6, 10), FOREVER)],
    "a-59": [(day(2025, 5, 15), FOREVER)],
}
ALIAS = ("x-1", "a-44", day(2024, 9, 9))  # one person, known by two ids until this day
VACATED: list[tuple[str, str, int, str | None]] = [  # a body, who leaves it, when, for which other
    ("b-3", "a-20", day(2025, 2, 3), "b-4"),
    ("b-8", "a-55", day(2025, 9, 1), None),
]
AGENTS = {"g-1": ("Triage agent", "a-46"), "g-2": ("Refund agent", "a-59")}
MAJORITY: Json = {"kind": "quota", "more_than": "1/2"}
CONSENT: Json = {"kind": "consent"}


def assemble(people: int, bodies: int) -> Cast:
    """The core of sixty with its stories, and as many more teams as `people` and `bodies` allow."""
    teams = [_core_team(number) for number in range(6)]
    reports: dict[str, str] = {}
    teams += _more_teams(people, bodies)
    for team in teams:
        reports |= _reporting(team)
    everyone = [f"a-{n}" for n in range(1, people + 1)]
    return Cast(
        teams=teams,
        bodies=_bodies(teams),
        reports_to=reports,
        names={actor: _full_name(n) for n, actor in enumerate(everyone)},
        joined=dict(JOINED),
        absent=dict(ABSENT),
    )


def _core_team(number: int) -> Team:
    members = tuple(f"a-{n}" for n in range(20 + number, 59, 6))
    leads = (f"a-{8 + number}", f"a-{14 + number}")
    return Team(head=f"a-{2 + number}", leads=leads, members=members, body=f"b-{3 + number}")


def _more_teams(people: int, bodies: int) -> list[Team]:
    """Teams of about a dozen from everybody beyond the core; the first of them are bodies."""
    more = [f"a-{n}" for n in range(CORE + 1, people + 1)]
    size = max(4, min(12, len(more) // max(1, bodies - 8)))
    groups = [more[k : k + size] for k in range(0, len(more) - 3, size)]
    return [
        Team(
            head=g[0],
            leads=tuple(g[1:3]),
            members=tuple(g[3:]),
            body=f"b-{10 + k}" if k < bodies - 8 else None,
        )
        for k, g in enumerate(groups)
    ]


def _reporting(team: Team) -> dict[str, str]:
    found = {team.head: "a-1"} | dict.fromkeys(team.leads, team.head)
    return found | {m: team.leads[k % len(team.leads)] for k, m in enumerate(team.members)}


def _full_name(number: int) -> str:
    family = _FAMILY[(number * 7 + number // len(_GIVEN)) % len(_FAMILY)]
    return f"{_GIVEN[number % len(_GIVEN)]} {family}"


def _bodies(teams: list[Team]) -> dict[str, Body]:
    """Board, leadership circle, a body a team, and the transition office that hands over to the circle."""
    found = {
        "b-1": Body("Board", "board", MAJORITY, 0, _seats(("a-60", "a-1", "a-59"))),
        "b-2": Body("Leadership circle", "council", MAJORITY, 0, _seats(("a-1", "a-2", "a-3", "a-4", "a-5"))),
    }
    names = ("Product", "Engineering", "Customers", "People and money", "Workshop", "Field office")
    rules = (CONSENT, CONSENT, MAJORITY, {"kind": "all"}, MAJORITY, CONSENT)
    for k, team in enumerate(teams):
        if team.body is None:
            continue
        name = names[k] if k < len(names) else f"Team {k + 1}"
        since = day(2025, 3, 3) if team.body == "b-8" else 0
        rule = rules[k] if k < len(rules) else CONSENT
        found[team.body] = Body(name, "team" if k % 2 else "circle", rule, since, _seats(team.people, since))
    office = _seats(("a-1", "a-5", "a-17"))
    found["b-9"] = Body("Transition office", "circle", CONSENT, 0, office, dissolved=day(2025, 3, 3))
    for body, actor, at, into in VACATED:
        seats = found[body].seats
        seats[:] = [(a, since, at if a == actor else until) for a, since, until in seats]
        if into is not None:
            found[into].seats.append((actor, at, FOREVER))
    return found


def _seats(people: tuple[str, ...], since: int = 0) -> list[tuple[str, int, int]]:
    return [(actor, max(since, JOINED.get(actor, 0)), FOREVER) for actor in people]
