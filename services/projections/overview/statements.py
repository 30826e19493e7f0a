"""What is stated beside what is done: drift, what is unstated, what is not known. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from services.projections.evidence import positions, rate
from services.projections.history import Act, History
from services.projections.knots.wording import domain_name
from services.projections.overview.answer import Apart, Coverage, Drifting, Unsaid, Unstated
from services.projections.overview.period import PeriodOf, Sides, marks
from services.projections.overview.wording import points
from services.projections.views.question import Lens
from services.projections.wording import listed, numbered

_ROWS: Final = 5
_OUT: Final = "{count} of {of} {of:decision|decisions} {count:was|were} out of mandate"
_NO_ROW: Final = "{count} of {of} {of:decision|decisions} had no row"
_NONE_DECIDED: Final = "nothing was decided in this period"
_NONE_JUDGED: Final = "no decision could be judged against a row"
_NOT_BOTH: Final = "no decision has both a row that gives somebody authority and a known decider"
_NONE_BEFORE: Final = "no decision under this row could be compared in the period before"


def drifting(history: History, before: PeriodOf, now: PeriodOf, lens: Lens, link: str) -> Drifting:
    """How far what is done lies from what is stated."""
    judged = [act for act in now.decided if act.mandate != "unknown"]
    outside = [act for act in judged if act.mandate == "no"]
    rows = [_apart(history, domain, side, before.rows.get(domain), lens) for domain, side in now.rows.items()]
    rows.sort(key=lambda row: (-_apart_in_all(row), row.domain))
    drifts = {"node": now.drift("node"), "seat": now.drift("seat")}
    earlier = {"node_before": before.drift("node"), "seat_before": before.drift("seat")}
    out = rate(marks(outside), len(judged), _OUT, _NONE_JUDGED)
    return Drifting(
        in_words=_drifting(drifts[lens], earlier[f"{lens}_before"], rows, out.in_words),
        out_of_mandate=out,
        largest=[row for row in rows if row.drift][:_ROWS],
        why_null={name: _NOT_BOTH for name, value in (drifts | earlier).items() if value is None},
        link=link,
        **drifts,
        **earlier,
    )


def _apart(history: History, domain: str, side: Sides, before: Sides | None, lens: Lens) -> Apart:
    drift, noise = side.drift(lens), side.noise(lens)
    earlier = before.drift(lens) if before else None
    differences = side.differences(lens)
    more_by, less_by = differences[0][0], differences[-1][0]
    more, less = ([holder for by, holder in differences if by == end] for end in (more_by, less_by))
    name = domain_name(history, domain)
    words = f"on {name}, everybody decided as stated"
    if drift:
        words = f"on {name}, {_all_of(more)} decided {points(more_by)} more than stated"
        words += f", {_all_of(less)} {points(-less_by)} less"
        words += f": {drift / noise:.1f} times what chance alone would give" if noise else ""
    return Apart(
        domain=domain,
        name=name,
        decisions=len(side.acts),
        drift=drift,
        noise=noise,
        before=earlier,
        more=more[0] if drift else None,
        more_by=more_by if drift else None,
        less=less[0] if drift else None,
        less_by=less_by if drift else None,
        in_words=words,
        why_null={} if earlier is not None else {"before": _NONE_BEFORE},
        entries=positions(marks(side.acts)),
    )


def _all_of(holders: list[str]) -> str:
    return f"{listed(holders)}{' each' if len(holders) > 1 else ''}"


def _apart_in_all(row: Apart) -> float:
    """Drift times decisions, without the last bits, so that equals are equal."""
    return round((row.drift or 0) * row.decisions, 9)


def _drifting(now: float | None, before: float | None, rows: list[Apart], out: str | None) -> str:
    if now is None:
        return _NOT_BOTH
    words = f"drift {now:.2f} of 1"
    words += f", {before:.2f} in the period before" if before is not None else ""
    most = [row for row in rows if row.drift and _apart_in_all(row) == _apart_in_all(rows[0])]
    if most:
        words += f"; most {most[0].in_words}" if len(most) == 1 else f"; most on {_names(most)} alike"
    return words + (f"; {out}" if out else "")


def unstated(history: History, now: PeriodOf, link: str) -> Unstated:
    """What the matrix does not say."""
    acts = now.all.acts
    none = [act for act in acts if act.row_domain is None]
    empty = [act for act in acts if act.vacant]
    by: dict[str, list[Act]] = defaultdict(list)
    for act in (*none, *empty):
        by[act.home].append(act)
    rows = [
        Unsaid(
            domain=domain,
            name=domain_name(history, domain),
            unstated=sum(act.row_domain is None for act in of),
            vacant=sum(act.vacant for act in of),
            entries=positions(marks(of)),
        )
        for domain, of in by.items()
    ]
    rows.sort(key=lambda row: (-row.unstated - row.vacant, row.domain))
    words = numbered(_NO_ROW, count=len(none), of=len(acts))
    words += f", {len(empty)} had one that nobody could act under"
    if rows and (len(none) or len(empty)):
        most = rows[0].unstated + rows[0].vacant
        words += f"; most on {_names([row for row in rows if row.unstated + row.vacant == most])}"
    return Unstated(
        in_words=words if acts else _NONE_DECIDED,
        unstated=rate(marks(none), len(acts), _NO_ROW, _NONE_DECIDED),
        vacant=rate(
            marks(empty), len(acts), "of {of}, {count} had a row that nobody could act under", _NONE_DECIDED
        ),
        domains=rows[:_ROWS],
        link=link,
    )


def _names(rows: Iterable[Apart | Unsaid]) -> str:
    return listed(row.name or row.domain for row in rows)


def coverage(now: PeriodOf) -> Coverage:
    """How much of this is known."""
    acts, decided = now.all.acts, now.decided
    inferred = [act for act in acts if act.inferred]
    unjudged = [act for act in decided if act.mandate == "unknown"]
    parts = {
        "inferred": rate(
            marks(inferred),
            len(acts),
            "of {of} {of:decision|decisions}, the deciders of {count} were inferred",
            _NONE_DECIDED,
        ),
        "unknown": rate(
            marks(now.unknown),
            len(decided),
            "the deciders of {count} of {of} are not known",
            _NONE_DECIDED,
        ),
        "without_stakes": rate(
            marks(act for act in acts if act.stakes is None),
            len(acts),
            "what is at stake is said of all but {count} of {of}",
            _NONE_DECIDED,
        ),
        "unjudged": rate(
            marks(unjudged),
            len(decided),
            "whether {count} of {of} {count:was|were} in mandate cannot be told",
            _NONE_DECIDED,
        ),
    }
    said = (parts[name].in_words for name in ("inferred", "unknown", "unjudged") if parts[name].count)
    words = "; ".join(word for word in said if word is not None)
    return Coverage(
        in_words=(words or "who decided was recorded, for every decision") if decided else _NONE_DECIDED,
        deferred=now.apart["deferred"],
        returned=now.apart["returned"],
        **parts,
    )
