"""From endings and what followed them to figures. Pure."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from schemas.experiment import Concluded, Started
from services.projections.evidence import MOST, Counted, Mark, Rate, counted, rate
from services.projections.history import Step, Stream
from services.projections.lasting import took
from services.projections.learning.answer import (
    Adjustment,
    ChangedRow,
    Cover,
    Debriefs,
    Experiments,
    Lessons,
    Mistakes,
    Owed,
)
from services.projections.learning.endings import Ending, Follow, Learnt, Looked
from services.projections.texts import same
from services.projections.wording import numbered

DAY: Final = timedelta(days=1)
_MOST: Final = 50
KINDS: Final = (
    "initiative_succeeded",
    "initiative_partial",
    "initiative_failed",
    "initiative_completed",
    "override",
    "experiment",
)
_LOOKED_BACK: Final = "{count} of {of} {count:was|were} looked back on"
_STEPS: Final = (
    "of {n}, {looked} {looked:was|were} looked back on, {taught} left a lesson, {changed} changed a row"
)
_NONE_CONCLUDED: Final = "no experiment was concluded here"


class Trial(NamedTuple):
    """An experiment, its start and its conclusion."""

    id: str
    start: Step
    said: Started
    end: Step | None
    found: Concluded | None

    @property
    def mark(self) -> Mark:
        return self.start.at, self.start.position

    @property
    def concluded(self) -> Mark | None:
        return None if self.end is None else (self.end.at, self.end.position)

    def open_by(self, end: datetime | None) -> bool:
        """Whether it was open when a window ended, which its end is no part of; None: as of now."""
        concluded = self.end is not None and (end is None or self.end.at < end)
        return not concluded and (end is None or self.start.at < end)


def trial(id: str, stream: Stream) -> Trial | None:
    """None where nobody said it started."""
    started, ended = stream.first(Started), stream.last(Concluded)
    if started is None:
        return None
    return Trial(id, *started, *(ended or (None, None)))


def experiments(
    started: Sequence[Trial],
    concluded: Sequence[Trial],
    every: Sequence[Trial],
    follow: Follow,
    end: datetime | None,
) -> Experiments:
    """Those started and those concluded in a window that ends then, of all there are."""
    closes = follow.at if end is None else min(end, follow.at)
    ends = {
        one: Ending("experiment", f"experiment/{one.id}", *(one.concluded or one.mark)) for one in concluded
    }

    def of(words: str, test: Callable[[Trial], object]) -> Rate:
        marks = [ends[one].mark for one in concluded if test(one)]
        return rate(marks, len(concluded), "{count} of {of} " + words, _NONE_CONCLUDED)

    def result(which: str) -> Counted:
        return counted([ends[one].mark for one in concluded if one.found and one.found.result == which])

    open_ = [one for one in every if one.open_by(end)]
    return Experiments(
        started=counted([one.mark for one in started]),
        with_limits=counted([one.mark for one in started if one.said.limits is not None]),
        how_long=took(
            [(one.start.at, one.end.at if one.end else None) for one in started],
            follow.at,
            [one.mark for one in started],
            "{half} {were} concluded within {days}",
        ),
        concluded=counted([one.mark for one in ends.values()]),
        supported=result("supported"),
        refuted=result("refuted"),
        inconclusive=result("inconclusive"),
        documented=of("{count:was|were} documented", lambda one: one.found and one.found.evidence),
        debriefed=of("{count:was|were} looked back on", lambda one: follow.debrief(ends[one])),
        with_lesson=of("left a lesson", lambda one: follow.lessons_of(ends[one])),
        open=counted([one.mark for one in open_]),
        overdue=sorted(
            (
                _owed(f"experiment/{one.id}", one.said.ends_at, closes, one.start.position)
                for one in open_
                if one.said.ends_at is not None and one.said.ends_at < closes
            ),
            key=_oldest,
        ),
    )


def _owed(subject: str, since: datetime, at: datetime, entry: int) -> Owed:
    return Owed(subject=subject, since=since, days=(at - since) / DAY, entry=entry)


def _oldest(owed: Owed) -> tuple[datetime, int]:
    return owed.since, owed.entry


def covers(endings: Sequence[Ending], follow: Follow) -> list[Cover]:
    """Whether each kind of ending was looked back on, and how soon."""
    return [_cover(kind, [one for one in endings if one.kind == kind], follow) for kind in KINDS]


def _cover(kind: str, endings: Sequence[Ending], follow: Follow) -> Cover:
    looked = {one: follow.debrief(one) for one in endings}
    marks = [one.mark for one, debrief in looked.items() if debrief is not None]
    spans = [(one.at, debrief.step.at if debrief else None) for one, debrief in looked.items()]
    owed = [
        _owed(one.subject, one.at, follow.at, one.position) for one, debrief in looked.items() if not debrief
    ]
    return Cover(
        kind=kind,
        looked_back=rate(marks, len(endings), _LOOKED_BACK, "nothing of the kind ended here"),
        how_soon=took(spans, follow.at, marks, "{half} {were} looked back on within {days}"),
        not_yet=sorted(owed, key=_oldest)[:MOST],
    )


def debriefs(held: Sequence[Looked], endings: Sequence[Ending], follow: Follow) -> Debriefs:
    """Those held in a window, and what ended in it."""
    said: dict[str, tuple[str, list[Looked]]] = defaultdict(lambda: ("", []))
    for looked in held:
        for text in dict.fromkeys(looked.held.adjustments):
            first, several = said[same(text)]
            if looked not in several:
                several.append(looked)
            said[same(text)] = first or text, several
    told = [_adjustment(text, several) for text, several in said.values()]
    told.sort(key=lambda one: (-one.debriefs.count, one.first, one.text))
    adjusted = [one.mark for one in held if one.held.adjustments]
    return Debriefs(
        held=counted([one.mark for one in held]),
        participants=len({follow.who(holder) for one in held for holder in one.held.participants}),
        with_adjustments=rate(
            adjusted, len(held), "{count} of {of} said what to do differently", "no debrief was held here"
        ),
        adjustments=told[:_MOST],
        repeated=[one for one in told if one.debriefs.count > 1][:_MOST],
        cover=covers(endings, follow),
    )


def _adjustment(text: str, several: Sequence[Looked]) -> Adjustment:
    marks = [one.mark for one in several]
    return Adjustment(text=text, debriefs=counted(marks), first=marks[0][0], last=marks[-1][0])


def lessons(recorded: Sequence[Learnt], rows: Sequence[ChangedRow], follow: Follow) -> Lessons:
    """Those recorded in a window, and the rows stated in it."""
    sources: dict[str, list[Mark]] = defaultdict(list)
    for one in recorded:
        sources[one.said.from_.partition("/")[0]].append(one.mark)
    proposing = [one for one in recorded if one.said.proposes_row is not None]
    changed = [one.mark for one in proposing if one.rows]
    return Lessons(
        recorded=counted([one.mark for one in recorded]),
        by_source={kind: counted(marks) for kind, marks in sorted(sources.items())},
        proposing=counted([one.mark for one in proposing]),
        changed_matrix=rate(
            changed,
            len(proposing),
            "{count} of {of} {of:proposal|proposals} changed a row",
            "no lesson proposed a row here",
        ),
        how_long=took(
            [(one.step.at, one.rows[0].stated if one.rows else None) for one in proposing],
            follow.at,
            changed,
            "{half} changed a row within {days}",
        ),
        rows=list(rows),
    )


def changed_rows(follow: Follow) -> list[ChangedRow]:
    """Every row that rests on a lesson, in order of being stated."""
    found = [
        ChangedRow(
            domain=row.domain,
            lesson=one.id,
            learnt=one.step.at,
            stated=row.stated,
            days=(row.stated - one.step.at) / DAY,
            proposed=one.said.proposes_row == row.domain,
            entries=[one.step.position, row.position],
        )
        for one in follow.lessons
        for row in one.rows
    ]
    return sorted(found, key=lambda row: (row.stated, row.entries))


def turned(mistakes: Sequence[Ending], follow: Follow) -> Mistakes:
    """How far mistakes were turned into learning."""
    looked = [one.mark for one in mistakes if follow.debrief(one)]
    taught = [one.mark for one in mistakes if follow.lessons_of(one)]
    changed = [one.mark for one in mistakes if any(learnt.rows for learnt in follow.lessons_of(one))]
    n, why = len(mistakes), "nothing went wrong here"
    counts = {"n": n, "looked": len(looked), "taught": len(taught), "changed": len(changed)}
    return Mistakes(
        all=counted([one.mark for one in mistakes]),
        debriefed=rate(looked, n, _LOOKED_BACK, why),
        with_lesson=rate(taught, n, "{count} of {of} left a lesson", why),
        changed_matrix=rate(changed, n, "{count} of {of} changed a row", why),
        in_words=numbered(_STEPS, **counts) if n else None,
        why_null={} if n else {"in_words": why},
    )
