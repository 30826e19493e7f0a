"""How the command line draws numbers: shares as bars, series as sparklines, holders with their names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from services.client import Api
from services.failures import CommandFailed

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_WIDTH = 20
_ASKED_AT_ONCE = 100


def bar(share: float | None, width: int = _WIDTH) -> Text:
    """A share of 1 as a bar of `width` characters; signed ones are red where they are negative."""
    if share is None:
        return Text("")
    eighths = round(min(abs(share), 1.0) * width * 8)
    drawn = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    return Text(drawn, "red" if share < 0 else "cyan")


def spark(values: Sequence[float | None]) -> str:
    """A series as a line of blocks; what is not known is a gap."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    reach = high - low or 1.0
    return "".join(" " if value is None else _HEIGHTS[round((value - low) / reach * 7)] for value in values)


def percent(share: float | None) -> str:
    """A share in per cent."""
    return "–" if share is None else f"{share * 100:.1f} %"


def number(value: float | None, digits: int = 2) -> str:
    """A measure; a dash where it is not known."""
    return "–" if value is None else f"{value:.{digits}f}"


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    """A plain table; columns named in `right` hold numbers."""
    drawn = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left")
    return drawn


class Names:
    """What people call the actors: asked of the ledger's directory, which forgets whom it has to forget."""

    def __init__(self, api: Api, ledger: str) -> None:
        self._api = api
        self._path = f"/v1/ledgers/{ledger}/directory"
        self._known: dict[str, str | None] = {}

    def learn(self, answer: Any) -> None:
        """Ask for every actor named anywhere in an answer, a hundred at a time."""
        actors = sorted({holder[6:] for holder in _texts(answer) if holder.startswith("actor/")})
        for start in range(0, len(actors), _ASKED_AT_ONCE):
            asked = actors[start : start + _ASKED_AT_ONCE]
            try:
                people = self._api.get(self._path, actor=asked)["people"]
            except CommandFailed:
                return  # a token for views alone may not read the directory: ids are shown
            self._known |= {one["actor"]: (one.get("profile") or {}).get("name") for one in people}

    def of(self, holder: str) -> str:
        """A holder's name, else its subject as it is."""
        kind, _, id = holder.partition("/")
        return (self._known.get(id) if kind == "actor" else None) or holder

    def all_of(self, holders: Iterable[Mapping[str, Any]]) -> str:
        """Several holders, those who cannot act any more in brackets."""
        return ", ".join(
            self.of(one["holder"]) if one.get("live", True) else f"({self.of(one['holder'])})"
            for one in holders
        )


def _texts(answer: Any) -> Iterable[str]:
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, Mapping):
        for value in answer.values():
            yield from _texts(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _texts(value)
