"""Who could decide at which time: the BDFL, nobody for a while, then the Steering Council and its terms."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from schemas import Data, body, domain, matrix
from schemas.types import Any, Quota, Weighed
from services.connectors.peps.facts import Account, Fact, short
from services.connectors.peps.history import Version
from services.connectors.peps.people import BDFL, People, actor_id

if TYPE_CHECKING:
    from services.connectors.peps.reading import Reading

BEGINNING = datetime(2000, 6, 13, tzinfo=UTC)  # PEP 1 was created; the first commit is a month younger
RESIGNATION = datetime(2018, 7, 12, 15, tzinfo=UTC)
VOTE = datetime(2018, 11, 16, tzinfo=UTC)  # PEP 8001: the vote on PEPs 8010 to 8016 opened
COUNCIL_SEATED = datetime(2019, 2, 4, tzinfo=UTC)  # PEP 8100
VOTED = range(8010, 8017)
ELECTIONS = range(8100, 8200)

BDFL_HOLDER = f"actor/{actor_id(BDFL.name)}"
COUNCIL = "body/steering-council"
CORE_DEVELOPERS = "body/core-developers"
UNCLASSIFIED = "unclassified"  # before August 2000 no PEP stated its type


def authority(time: datetime) -> str | None:
    """The holder with whom decisions lay at `time`; None between the resignation and the first council."""
    if time < RESIGNATION:
        return BDFL_HOLDER
    return COUNCIL if time >= COUNCIL_SEATED else None


def frame(people: People, until: datetime) -> Account:
    """Domains, bodies and the row for `standards`: what no single PEP states. Nothing later than `until`."""
    account = Account()
    people.begin(BDFL, BEGINNING, bodies=(COUNCIL, CORE_DEVELOPERS))
    for id_, subject, data, time in _framing():
        if time <= until:
            account.state(Fact(id_, subject, data, time), time)
    return account


def _framing() -> Iterable[tuple[str, str, Data, datetime]]:
    for name, parent, title in (
        ("standards", None, "Standards Track"),
        ("packaging", "standards", "Packaging"),
        ("process", None, "Process"),
        ("informational", None, "Informational"),
        (UNCLASSIFIED, None, "No type stated yet"),
    ):
        yield f"domain/{name}", f"domain/{name}", domain.Defined(name=title, parent=parent), BEGINNING
    yield "row/bdfl", "matrix/standards", _row(BDFL_HOLDER), BEGINNING
    cleared = matrix.RowCleared(reason="The BDFL resigned")
    yield "row/cleared", "matrix/standards", cleared, RESIGNATION
    voters = body.Formed(name="Core developers", kind="community", purpose="Votes on how Python is governed")
    yield "formed/core-developers", CORE_DEVELOPERS, voters, VOTE
    majority = Quota(more_than="1/2")  # PEP 13, "Steering council": decisions by majority of those voting
    council = body.Formed(name="Steering Council", kind="council", rule=majority)
    yield "formed/steering-council", COUNCIL, council, COUNCIL_SEATED
    yield "row/council", "matrix/standards", _row(COUNCIL, "decision/pep-8016"), COUNCIL_SEATED


def _row(holder: str, basis: str | None = None) -> matrix.RowSet:
    return matrix.RowSet(by=(), decides=(Weighed(holder=holder),), rule=Any(), basis=basis)


def terms(results: Iterable[Version], resolved: Mapping[Version, "Reading"]) -> Account:
    """The council's seats, from the election PEPs: a term runs from its results to the next ones (PEP 13).

    `results` are the versions that name a whole council, in reading order. Rewriting an earlier
    election's PEP (a name that changed) moves nobody.
    """
    account = Account()
    seated: frozenset[str] = frozenset()
    latest = 0
    for version in results:
        if version.number < latest:
            continue
        latest = version.number
        elected = frozenset(resolved[version].elected)
        _change_seats(account, version, seated, elected)
        seated = elected
    return account


def _change_seats(account: Account, version: Version, old: frozenset[str], new: frozenset[str]) -> None:
    known, commit = version.commit.time, short(version.commit)
    for id_ in sorted(holder.removeprefix("actor/") for holder in old - new):
        account.state(Fact(f"vacated/{id_}@{commit}", COUNCIL, body.SeatVacated(actor=id_), known), known)
    for id_ in sorted(holder.removeprefix("actor/") for holder in new - old):
        account.state(Fact(f"seated/{id_}@{commit}", COUNCIL, body.SeatTaken(actor=id_), known), known)
