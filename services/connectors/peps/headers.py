"""What the header of a PEP says: one text in, one frozen record out (pure)."""

import difflib
import re
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from services.connectors.peps.names import Person, persons

STATUSES = (
    "draft",
    "accepted",
    "rejected",
    "provisional",
    "final",
    "active",
    "deferred",
    "withdrawn",
    "superseded",
    "april fool",
)
_OTHER_WORDS = {
    "incomplete": "draft",
    "approved": "accepted",
    "complete": "final",
    "finished": "final",
    "postponed": "deferred",
    "replaced": "superseded",
}
_FIELD = re.compile(r"([A-Za-z][A-Za-z-]*)\s*:\s*(.*)")
_LINKS = re.compile(r"https?://[^\s>`,]+")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:-| )([A-Za-z]{3,9})(?:-| )(\d{4})\b")
_YEAR_FIRST = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTHS = {
    month: number
    for number, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_PLACEHOLDER = re.compile(r"\W*(tb[ad]|n/?a|x{3,}|todo|none|never|pending|not yet posted|)\W*", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
_COMMUNITY_BEGAN = 1990
_ELECTED = re.compile(r"^Results\n=+\n(.*?)(?=^\S[^\n]*\n[=-]{3,}$|\Z)", re.MULTILINE | re.DOTALL)
_SEATS = 5


class Resolution(NamedTuple):
    """Where the decision was announced, and the full date beside the link, if one is written."""

    ref: str
    date: datetime | None


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """A PEP's header at one commit. Empty means: not stated (or a placeholder)."""

    title: str = ""
    status: str = ""
    kind: str = ""  # standards, process or informational
    packaging: bool = False
    authors: tuple[Person, ...] = ()
    delegates: tuple[Person, ...] = ()
    resolution: Resolution | None = None
    superseded_by: tuple[int, ...] = ()
    discussed: bool = False
    posted: tuple[datetime, ...] = ()
    elected: tuple[Person, ...] = ()


def header(text: str) -> Header | None:
    """Read a PEP's text; None if it does not begin with a header (some first check-ins forgot theirs)."""
    fields = _fields(_CONTROL.sub("", text.replace("\r\n", "\n")))
    if not fields.get("title"):
        return None
    delegate = fields.get("pep-delegate") or fields.get("bdfl-delegate") or ""
    replaced_by = fields.get("superseded-by") or fields.get("replaced-by") or ""
    discussed = fields.get("discussions-to") or fields.get("discussion-to") or ""
    return Header(
        title=" ".join(fields["title"].split())[:500],
        status=_status(fields.get("status", "")),
        kind=_kind(fields.get("type", "")),
        packaging="packaging" in fields.get("topic", "").lower(),
        authors=persons(fields.get("author") or fields.get("authors") or ""),
        delegates=persons(delegate),
        resolution=_resolution(fields.get("resolution", "")),
        superseded_by=tuple(int(n) for n in re.findall(r"\d+", _LINKS.sub("", replaced_by))),
        discussed=_PLACEHOLDER.fullmatch(discussed) is None,
        posted=tuple(sorted(set(_dates(_LINKS.sub("", fields.get("post-history", "")))))),
    )


def elected(text: str) -> tuple[Person, ...]:
    """Whom an election PEP names in its results: the whole council, or nobody yet."""
    results = _ELECTED.search(text.replace("\r\n", "\n"))
    names = re.findall(r"^\* ([A-Z].+)$", results[1], re.MULTILINE) if results else []
    found = tuple(person for name in names for person in persons(name))
    return found if len(found) == _SEATS else ()


def _fields(text: str) -> dict[str, str]:
    """The first paragraph's fields by lower-case name. The first of a repeated one counts."""
    fields: dict[str, str] = {}
    name = ""
    for line in text.lstrip().split("\n"):
        if not line.strip():
            break
        field = _FIELD.match(line)
        if line[0] in " \t" and name:
            fields[name] += "\n" + line.strip()
        elif field and field[1].lower() not in fields:
            name = field[1].lower()
            fields[name] = field[2].strip()
        else:
            name = ""
    return fields


def _status(text: str) -> str:
    words = re.sub(r"[^a-z ]", "", text.lower()).strip()
    if words in _OTHER_WORDS:
        return _OTHER_WORDS[words]
    near = difflib.get_close_matches(words, STATUSES, n=1, cutoff=0.8)  # Acepted, Withdrawal
    return near[0] if near else ""


def _kind(text: str) -> str:
    """`Standard`, `Standards Track (library)`, `Standards Trap`, `Information` … were all written."""
    for start, kind in (("standard", "standards"), ("process", "process"), ("information", "informational")):
        if text.lower().startswith(start):
            return kind
    return ""


def _resolution(text: str) -> Resolution | None:
    if _PLACEHOLDER.fullmatch(text):
        return None
    link = _LINKS.search(text)
    beside = next(iter(_dates(_LINKS.sub("", text))), None)  # a month inside a URL is no date
    return Resolution(link[0] if link else " ".join(text.split())[:2000], beside)


def _dates(text: str) -> list[datetime]:
    written = [(year, month.lower()[:3], day) for day, month, year in _DAY_FIRST.findall(text)]
    written += _YEAR_FIRST.findall(text)
    return [date for parts in written if (date := _date(*parts)) is not None]


def _date(year: str, month: str, day: str) -> datetime | None:
    number = _MONTHS.get(month) or (int(month) if month.isdigit() else 0)
    try:
        date = datetime(int(year), number, int(day), tzinfo=UTC)
    except ValueError:
        return None
    return date if date.year >= _COMMUNITY_BEGAN else None
