"""One organisation with nothing planted, from a seed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log
from random import Random

from tests.wild.charter import Charter, Founding
from tests.wild.log import DAY, HOUR, Json, Log
from tests.wild.work import Work

MOST = 1200  # decisions: the check is about many kinds of organisation, not about big ones


@dataclass(frozen=True)
class Organisation:
    events: list[Json]
    end: datetime
    years: float
    temper: str


def organisation(seed: int) -> Organisation:
    """Sizes and rates are even on a logarithmic scale: small and slow ones are as common as big ones."""
    rng = Random(seed)
    start = datetime(2018, 1, 1, 9, tzinfo=UTC) + timedelta(days=rng.randint(0, 900))
    end = start + timedelta(days=rng.uniform(365, 6 * 365))
    size, domains = (round(exp(rng.uniform(log(low), log(high)))) for low, high in ((5, 200), (1, 40)))
    notes = Log(f"w{seed}", end, rng.choice((0, 0.01, 0.1)), rng)
    charter = Founding(rng, notes, Charter(start, end), size, domains).found()
    work = Work(rng, notes, charter)
    _lend(rng, notes, charter)
    _decide(rng, charter, work)
    _meet(rng, notes, charter, work)
    _feel(rng, notes, charter)
    years = (end - start) / timedelta(days=365.25)
    temper = f"{size} people, {domains} domains, {years:.1f} years, {len(work.taken)} decisions"
    return Organisation(notes.events, end, years, temper)


def _decide(rng: Random, charter: Charter, work: Work) -> None:
    years = (charter.end - charter.start) / (365 * DAY)
    rates = {domain: exp(rng.uniform(log(1.5), log(80))) for domain in charter.parents}
    scale = min(1, MOST / (sum(rates.values()) * years))
    starts = []
    for domain, rate in rates.items():
        t = charter.start + DAY
        while (
            t := t + timedelta(minutes=int(rng.expovariate(rate * scale / 525600)) + 1)
        ) < charter.end - DAY:
            starts.append((t, domain))
    for t, domain in sorted(starts):
        work.piece(domain, t)


def _lend(rng: Random, notes: Log, charter: Charter) -> None:
    """Mandates with terms, of people named in `any` rows, to people who are not."""
    share, busy = rng.choice((0, 0, 0.5, 2)), set[str]()
    for domain, told in charter.rows.items():
        since, row = rng.choice(told)
        people = [one for one in row.decides if one[6:] in charter.people]
        if row.rule["kind"] != "any" or not people or rng.random() >= share:
            continue
        start = since + timedelta(days=rng.uniform(1, 300))
        end = start + timedelta(days=rng.uniform(10, 120))
        grantor = rng.choice(people)
        free = [a for a in charter.live(start, end - start + DAY) if f"actor/{a}" not in row.named]
        free = [a for a in free if f"actor/{a}" not in busy]
        if not free or grantor in busy or grantor[6:] not in charter.live(start, end - start + DAY):
            continue
        # One who has lent or been lent something has no part in another loan: loans in a ring move nothing.
        to, id = f"actor/{rng.choice(free)}", f"m{len(charter.mandates)}"
        busy |= {grantor, to}
        told_ = {"scope": f"domain/{domain}", "from": grantor, "to": [to]}
        if rng.random() < 0.3:
            notes.tell(start, "mandate.delegated", id, **told_)
            notes.tell(end, "mandate.ended", id, by=grantor[6:], reason="Back again.")
        else:
            notes.tell(start, "mandate.delegated", id, **told_, until=end.isoformat())
        charter.mandates.append((start, end, domain, grantor, to, None))


def _meet(rng: Random, notes: Log, charter: Charter, work: Work) -> None:
    """All bodies meet often enough; some have a room of their own as well."""
    every = timedelta(days=rng.uniform(7, 60))
    taken = sorted(work.taken)
    told = {"name": "All", "kind": "forum", "members": ["body/b0"], "domains": ["d0"]}
    notes.tell(charter.start, "space.opened", "s0", **told, cadence=f"P{every.days}D")
    t, last = charter.start + 2 * HOUR, charter.start
    while t < charter.end:
        attendees = set()
        for body in charter.bodies.values():
            if members := sorted(body.members(t)):
                attendees |= {f"actor/{a}" for a in rng.sample(members, rng.randint(1, len(members)))}
        since = [id for made, id in taken if last < made <= t][-20:]
        some = {
            "obstacles": ["Time."],
            "needs": ["Quiet."],
            "upcoming": ["The budget."],
            "insights": ["Less."],
        }
        said = {name: text for name, text in some.items() if rng.random() < 0.3}
        notes.tell(
            t, "space.session_held", "s0", attendees=sorted(attendees), decisions=since or None, **said
        )
        t, last = t + every, t


def _feel(rng: Random, notes: Log, charter: Charter) -> None:
    t = charter.start
    while rng.random() < 0.9 and (t := t + 91 * DAY) < charter.end:
        for name, body in charter.bodies.items():
            if len(body.members(t)) >= 5:
                question = rng.choice(("trust", "clarity", "autonomy", "energy"))
                felt = {"question": question, "stated": 0.8, "experienced": round(rng.random(), 2)}
                notes.tell(t, "pulse.recorded", f"q{name}{t:%Y%m}", body=name, **felt, respondents=5)
