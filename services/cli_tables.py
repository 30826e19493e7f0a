"""How the command line draws numbers: shares as bars, series as sparklines, holders with their names."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from rich.table import Table
from rich.text import Text

from services.cli_directory import people
from services.cli_words import printable
from services.client import Api
from services.failures import CommandFailed

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_WIDTH = 20
_MOST_BODIES = 40
_SENTENCES = frozenset(  # members whose text may begin with a holder and go on
    {"in_words", "rule_in_words", "sentence", "why", "why_null", "why_not", "title", "name", "text", "texts"}
    | {"closes", "reason", "question"}
)
_SUBJECT = re.compile(r"(?:actor|body)/[^/@\x00-\x1f\x7f-\x9f]{1,200}")
_HOLDER = re.compile(r"(?<![\w/])(?:actor|body)/[\w-]+(?:[.:~+][\w-]+)*")
# Columns of bars and days, and of ids that another command is given: never broken.
_WHOLE = frozenset({"", "from", "effective", "until", "id", "at", "made", "ends"})


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
        is_number = column in right
        drawn.add_column(
            column,
            justify="right" if is_number else "left",
            no_wrap=is_number or column in _WHOLE,
            overflow="fold",
        )
    return drawn


class Names:
    """What people call the holders: actors by the ledger's directory, which forgets whom it has to forget."""

    def __init__(self, ledger_api: Api, views: Api, ledger: str) -> None:
        self._ledger_api = ledger_api
        self._views = views
        self._ledger = ledger
        self._known: dict[str, str] = {}
        self._bearers: Counter[str] = Counter()
        self._spoken_of: re.Pattern[str] | None = None

    def learn(self, answer: Any) -> None:
        """Ask for every actor and body named anywhere in an answer, in sentences too."""
        holders = sorted(set(_holders(answer)))
        actors = [holder[6:] for holder in holders if holder.startswith("actor/")]
        merged: set[str] = set()
        with suppress(CommandFailed):  # a token for views alone may not read the directory: ids are shown
            for one in people(self._ledger_api, self._ledger, actors) if actors else ():
                holder = f"actor/{one['actor']}"
                if "profile" in one:
                    self._known[holder] = one["profile"]["name"]
                if "merged_into" in one:
                    merged.add(holder)
        for body in [holder for holder in holders if holder.startswith("body/")][:_MOST_BODIES]:
            with suppress(CommandFailed):  # named somewhere, but never formed
                about = self._views.get(f"/v1/ledgers/{self._ledger}/bodies/{quote(body[5:], safe='')}/remit")
                self._known |= {body: about["name"]} if about["name"] else {}
        self._known = {holder: printable(name) for holder, name in self._known.items()}
        namesakes = self._known.keys() - merged | self._known.keys() & holders  # in the whole ledger
        self._bearers = Counter(self._known[holder] for holder in namesakes)
        self._spoken_of = _any_of(holders)

    def said(self, sentence: str | None) -> str:
        """A sentence with names in the place of subjects; those nobody has a name for stay."""
        if self._spoken_of is None or not sentence:
            return sentence or ""
        return self._spoken_of.sub(lambda found: self.of(found[0]), sentence)

    def of(self, holder: str) -> str:
        """A holder's name, with the id where others have the same; else its subject."""
        name = self._known.get(holder)
        if name is None:
            return holder
        return f"{name} ({holder.partition('/')[2]})" if self._bearers[name] > 1 else name

    def all_of(self, holders: Iterable[Mapping[str, Any]]) -> str:
        """Several holders, those who cannot act any more in brackets."""
        return ", ".join(
            self.of(one["holder"]) if one.get("live", True) else f"({self.of(one['holder'])})"
            for one in holders
        )


def _holders(answer: Any, name: str = "") -> Iterator[str]:
    """Every holder in an answer: the whole of a member where it is one, and those that sentences speak of."""
    if isinstance(answer, str):
        if name in ("body", "bodies") and "/" not in answer:  # by their bare ids
            yield f"body/{answer}"
        elif name not in _SENTENCES and _SUBJECT.fullmatch(answer):
            yield answer  # an id may have spaces in it
        else:
            yield from _HOLDER.findall(answer)
    elif isinstance(answer, Mapping):
        for member, value in answer.items():
            yield from _holders(value, name if name in _SENTENCES else member)
    elif isinstance(answer, list):
        for value in answer:
            yield from _holders(value, name)


def _any_of(holders: Iterable[str]) -> re.Pattern[str] | None:
    """Any of these as a whole word: `actor/a-1` is not found in `actor/a-10`."""
    longest_first = sorted(holders, key=lambda holder: (-len(holder), holder))
    spoken = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w/])(?:{spoken})(?![\w/-]|[.:~+][\w-])") if spoken else None
