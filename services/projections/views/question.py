"""What can be asked of the decisions, and the windows of time it is asked about."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args, overload

import msgspec

By = Literal["actor", "body", "domain", "level", "stakes"]
Lens = Literal["node", "seat"]
Tense = Literal["made", "standing"]
Interval = Literal["day", "week", "month", "quarter", "year"]
Stakes = Literal["low", "medium", "high", "strategic", "none"]
Attested = Literal["all", "recorded"]

LENSES: Final[tuple[Lens, ...]] = get_args(Lens)
MOST_WINDOWS: Final = 1_500
FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)  # there is nothing before it: where what has no beginning begins
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})", re.IGNORECASE
)


class BadParameterError(ValueError):
    """A parameter says nothing usable: which one, what is wrong, and what would do."""

    def __init__(self, parameter: str, detail: str, hint: str | None = None) -> None:
        super().__init__(detail)
        self.parameter = parameter
        self.detail = detail
        self.hint = hint

    def __reduce__(self) -> tuple[type["BadParameterError"], tuple[str, str, str | None]]:
        """Told to another process, it says the same."""
        return BadParameterError, (self.parameter, self.detail, self.hint)


_ID: Final = re.compile(r"[^/@\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")


def depth(given: int | None) -> int | None:
    """A level, if there is one. BadParameterError if it cannot be one."""
    if given is None or given >= 0:
        return given
    raise BadParameterError("level", f"`{given}` is no depth", "0 is the top, 1 who reports to it …")


@overload
def identifier(parameter: str, given: str) -> str: ...
@overload
def identifier(parameter: str, given: str | None) -> str | None: ...
def identifier(parameter: str, given: str | None) -> str | None:
    """A bare id, if there is one. BadParameterError if it cannot be one."""
    if given is None or _ID.fullmatch(given):
        return given
    raise BadParameterError(
        parameter, f"`{given[:80]!a}` cannot be an id", "write the bare id, without its kind"
    )


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions, seen how. `start` and `end` are half open; None is unbounded.

    `stakes` "none" asks for decisions that have none; `attested` "recorded" leaves out what was inferred.
    """

    start: datetime | None = msgspec.field(default=None, name="from")
    end: datetime | None = msgspec.field(default=None, name="to")
    interval: Interval | None = None
    by: By = "actor"
    domain: str | None = None
    body: str | None = None
    actor: str | None = None
    stakes: Stakes | None = None
    level: int | None = None
    lens: Lens = "node"
    tense: Tense = "made"
    attested: Attested = "all"


class Window(msgspec.Struct, frozen=True):
    """Half-open; None is unbounded."""

    start: datetime | None
    end: datetime | None


def instant(parameter: str, text: str) -> datetime:
    """A date, which is its UTC midnight, or an instant with its offset; BadParameterError for others."""
    if not (_DATE.fullmatch(text) or _INSTANT.fullmatch(text)):
        raise BadParameterError(parameter, f"`{text[:80]}` is neither a date nor an instant", _MOMENTS)
    try:
        found = datetime.fromisoformat(text.upper().replace(",", "."))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadParameterError(parameter, f"`{text}` is no instant there ever is", _MOMENTS) from None


_MOMENTS = "write a date (2024-03-01, its UTC midnight) or an instant with its offset (2024-03-01T09:30:00Z)"


def windows(question: Question, first: datetime | None, as_of: datetime) -> list[Window]:
    """The one window, or calendar intervals in UTC clipped to it.

    A series begins with the interval in which the window does, or where it has no start with that of `first`,
    and goes on until `as_of`, or where the window ends before; it is empty where nothing begins it, or only
    after the window. BadParameterError beyond MOST_WINDOWS.
    """
    if question.interval is None:
        return [Window(question.start, question.end)]
    first = question.start or first
    if first is None or (question.end is not None and first >= question.end):
        return []
    found: list[Window] = []
    begun: datetime | None = floor(question.interval, first)
    while begun is not None and begun <= as_of and (question.end is None or begun < question.end):
        if len(found) == MOST_WINDOWS:
            raise BadParameterError(
                "interval",
                f"this would be a series of more than {MOST_WINDOWS} windows",
                "ask for a longer interval, or a nearer `from` and `to`",
            )
        ended = following(question.interval, begun)
        found.append(_clipped(begun, ended, question))
        begun = ended
    return found


def _clipped(begun: datetime, ended: datetime | None, question: Question) -> Window:
    ends = [end for end in (ended, question.end) if end is not None]
    return Window(max(begun, question.start or begun), min(ends, default=None))


def floor(interval: Interval, at: datetime) -> datetime:
    """The start of the calendar interval an instant lies in."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match interval:
        case "day":
            return day
        case "week":
            return day - timedelta(days=min(day.weekday(), (day - FIRST).days))
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)


def following(interval: Interval, begun: datetime) -> datetime | None:
    """The start of the next calendar interval; None after the end of time."""
    try:
        match interval:
            case "day":
                return begun + timedelta(days=1)
            case "week":
                return begun + timedelta(days=7)
            case "month":
                return _months_on(begun, 1)
            case "quarter":
                return _months_on(begun, 3)
            case "year":
                return _months_on(begun, 12)
    except (OverflowError, ValueError):
        return None


def _months_on(begun: datetime, months: int) -> datetime:
    month = begun.month - 1 + months
    return begun.replace(year=begun.year + month // 12, month=month % 12 + 1)
