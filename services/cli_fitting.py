"""Which columns of a table there is room for, and how wide each is: figures are whole, or not there."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

Cell = str | Text

# Columns of bars and days, and of ids that another command is given: never broken.
_WHOLE: Final = frozenset(
    {"", "from", "effective", "since", "until", "id", "at", "made", "ends", "not yet", "lesson", "position"}
)
_IN_WORDS: Final = frozenset(  # what is typed elsewhere: it goes on in the next line, between words
    {"publisher", "scopes", "ledgers", "sources", "issuer", "subject", "limits", "reason", "event"}
)
_IN_LINES: Final = frozenset(  # sentences, and several names: they go on in the next line
    {"what", "in words", "said", "what to do differently", "became of it", "title", "waits for", "on"}
    | {"decides", "how", "asks first", "tells", "entry", "error"}
)
_FIRST_TO_GO: Final = ("inferred", "unknown", "noise", "closeness", "since", "made")  # then the last
_GAP: Final = 2
_LEAST_NAME: Final = 8
_LEAST_LINE: Final = 16
_USUAL_NAME: Final = 20  # bars go before names become shorter
_BEHIND: Final = re.compile(r"(?: \([^()]{1,14}\)| [+-]\d+ %)+$")  # tells namesakes apart, or is a figure


class _Column(NamedTuple):
    name: str
    most: int
    least: int

    @property
    def is_bar(self) -> bool:
        return not self.name and self.most > 1

    @property
    def usual(self) -> int:
        return max(self.least, min(self.most, _USUAL_NAME))


def fitted(
    columns: Sequence[str], right: Collection[str], cells: Sequence[Sequence[Cell]], room: int
) -> dict[int, int]:
    """The places of the columns that fit, each with its width."""
    among = {
        place: _measured(name, name in right, [row[place] for row in cells])
        for place, name in enumerate(columns)
    }
    while any(one.is_bar for one in among.values()) and _usual(among) > room:
        del among[max(place for place, one in among.items() if one.is_bar)]
    while len(among) > 1 and _total(one.least for one in among.values()) > room:
        del among[_first_to_go(among)]
    widths = {place: one.most for place, one in among.items()}
    while _total(widths.values()) > room and (
        wide := [place for place, one in among.items() if widths[place] > one.least]
    ):
        widths[max(wide, key=widths.__getitem__)] -= 1
    return widths


def _usual(among: Mapping[int, _Column]) -> int:
    return _total(one.least if one.name in _WHOLE else one.usual for one in among.values())


def _total(widths: Iterable[int]) -> int:
    return sum(width + _GAP for width in widths) - _GAP


def _first_to_go(among: Mapping[int, _Column]) -> int:
    """Never the first, which says what a line is about."""
    by_name = {one.name: place for place, one in among.items() if place != min(among)}
    return next((by_name[name] for name in _FIRST_TO_GO if name in by_name), max(among))


def _measured(name: str, is_figure: bool, cells: Sequence[Cell]) -> _Column:
    widest = max((cell_len(line) for cell in cells for line in str(cell).splitlines()), default=0)
    indent = len(name) - len(name.lstrip())
    word = max((indent + cell_len(word) for word in name.split()), default=0)
    if name in _IN_LINES:
        least = min(widest, _LEAST_LINE)
    elif name in _IN_WORDS:
        least = max((cell_len(word) for cell in cells for word in str(cell).split()), default=0)
    elif is_figure or name in _WHOLE:
        least = widest
    else:
        least = min(widest, _LEAST_NAME + max((cell_len(_behind(cell)) for cell in cells), default=0))
    return _Column(name, max(widest, cell_len(name.rstrip())), max(least, word))


def _behind(cell: Cell) -> str:
    found = _BEHIND.search(str(cell))
    return found[0] if found else ""


def shortened(name: str, cell: Cell, width: int) -> Text:
    """A cell in so many characters, what tells it apart at its end; what goes on in lines stays as it is."""
    if isinstance(cell, Text) or name in _IN_LINES | _IN_WORDS or cell_len(cell) <= width:
        return cell if isinstance(cell, Text) else Text(cell)
    behind = _behind(cell)
    return Text(f"{set_cell_size(cell, width - cell_len(behind) - 1).rstrip()}…{behind}")
