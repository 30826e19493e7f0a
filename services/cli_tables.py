"""How the command line draws numbers: shares as bars, series as sparklines, holders with their names."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from rich.text import Text

from services.cli_directory import named, people
from services.cli_words import printable
from services.client import Api
from services.failures import CommandFailed

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_WIDTH = 20
_MOST_BODIES = 40  # are asked one by one
_SENTENCES = frozenset(  # members whose text may begin with a holder and go on
    {"in_words", "rule_in_words", "sentence", "why", "why_null", "why_not", "title", "name", "text", "texts"}
    | {"closes", "reason", "question"}
)
_SUBJECT = re.compile(r"(?:actor|body|domain)/[^/@\x00-\x1f\x7f-\x9f]{1,200}")
_SPOKEN = re.compile(r"(?<![\w/])(?:actor|body|domain)/[\w-]+(?:[.:~+][\w-]+)*")
_DOMAINS = frozenset({"domain", "domains", "home", "inherited_from"})


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
    return "–" if share is None else f"{share * 100:z.1f} %"


def points(difference: float | None) -> str:
    """How far two shares lie apart, in percentage points."""
    return "–" if difference is None else f"{difference * 100:+z.1f} points"


def number(value: float | None, digits: int = 2) -> str:
    """A measure; a dash where it is not known."""
    return "–" if value is None else f"{value:z.{digits}f}"


def spoken_of(sentence: str) -> set[str]:
    """The subjects in a sentence."""
    return set(_SPOKEN.findall(sentence))


class Names:
    """What people call holders and domains: actors by the directory, which forgets whom it has to forget."""

    def __init__(self, ledger_api: Api, views: Api, ledger: str) -> None:
        self._ledger_api = ledger_api
        self._views = views
        self._ledger = ledger
        self._known: dict[str, str] = {}
        self._bearers: Counter[tuple[bool, str]] = Counter()
        self._spoken_of: re.Pattern[str] | None = None

    def learn(self, answer: Any) -> None:
        """Ask for everybody and every domain named anywhere in an answer, in sentences too."""
        subjects = sorted(set(_subjects(answer)))
        self._known |= _named_there(answer)
        merged = self._learn_people([one[6:] for one in subjects if one.startswith("actor/")])
        unnamed = [one for one in subjects if one not in self._known]
        self._learn_bodies([one for one in unnamed if one.startswith("body/")])
        if any(one.startswith("domain/") for one in unnamed):
            self._learn_domains(answer)
        self._known = {subject: printable(name) for subject, name in self._known.items()}
        namesakes = self._known.keys() - merged | self._known.keys() & subjects  # in the whole ledger
        self._bearers = Counter(map(self._borne, namesakes))
        self._spoken_of = _any_of(subjects)

    def _learn_people(self, actors: list[str]) -> set[str]:
        """Those who were merged into others."""
        merged: set[str] = set()
        with suppress(CommandFailed):  # a token for views alone may not read the directory: ids are shown
            for one in people(self._ledger_api, self._ledger, actors) if actors else ():
                holder = f"actor/{one['actor']}"
                if "profile" in one:
                    self._known[holder] = one["profile"]["name"]
                if "merged_into" in one:
                    merged.add(holder)
        return merged

    def _learn_bodies(self, unnamed: list[str]) -> None:
        for body in unnamed[:_MOST_BODIES]:
            with suppress(CommandFailed):  # named somewhere, but never formed
                about = self._views.get(f"/v1/ledgers/{self._ledger}/bodies/{quote(body[5:], safe='')}/remit")
                self._known |= {body: about["name"]} if about["name"] else {}
        if unnamed[_MOST_BODIES:]:
            with suppress(CommandFailed):  # as with people
                told = {f"body/{body}": name for body, name in named("body", self._ledger_api, self._ledger)}
                self._known |= {body: told[body] for body in unnamed[_MOST_BODIES:] if body in told}

    def _learn_domains(self, answer: Any) -> None:
        """All at once, as they were called at the answer's moment."""
        rests_on = answer.get("rests_on", {}) if isinstance(answer, Mapping) else {}
        with suppress(CommandFailed):  # before anything was recorded
            path = f"/v1/ledgers/{self._ledger}/matrix"
            told = self._views.get(path, at=rests_on.get("at"), known_at=rests_on.get("position"))
            self._known |= _named_there(told)

    def said(self, sentence: str | None) -> str:
        """A sentence with names in the place of subjects; those nobody has a name for stay."""
        if self._spoken_of is None or not sentence:
            return sentence or ""
        return self._spoken_of.sub(lambda found: self.of(found[0]), sentence)

    def of(self, subject: str) -> str:
        """The name of a holder or domain, with the id where others have the same; else its subject."""
        name = self._known.get(subject)
        if name is None:
            return subject
        return f"{name} ({subject.partition('/')[2]})" if self._bearers[self._borne(subject)] > 1 else name

    def domain(self, id: str) -> str:
        """The name of a domain; its bare id where it has none."""
        return self.of(f"domain/{id}").removeprefix("domain/")

    def _borne(self, subject: str) -> tuple[bool, str]:
        """A body may be called as the domain it works in."""
        return subject.startswith("domain/"), self._known[subject]

    def all_of(self, holders: Iterable[Mapping[str, Any]]) -> str:
        """Several holders, those who cannot act any more in brackets."""
        return ", ".join(
            self.of(one["holder"]) if one.get("live", True) else f"({self.of(one['holder'])})"
            for one in holders
        )


def _subjects(answer: Any, name: str = "") -> Iterator[str]:
    """Every holder and domain in an answer: a member that is one, and those that sentences speak of."""
    if isinstance(answer, str):
        if name in ("body", "bodies") and "/" not in answer:  # by their bare ids
            yield f"body/{answer}"
        elif name in _DOMAINS and "/" not in answer:
            yield f"domain/{answer}"
        elif name not in _SENTENCES and _SUBJECT.fullmatch(answer):
            yield answer  # an id may have spaces in it
        else:
            yield from _SPOKEN.findall(answer)
    elif isinstance(answer, Mapping):
        for member, value in answer.items():
            yield from _subjects(value, name if name in _SENTENCES else member)
    elif isinstance(answer, list):
        for value in answer:
            yield from _subjects(value, name)


def _named_there(answer: Any) -> dict[str, str]:
    """The domains and bodies whose names an answer tells itself."""
    if isinstance(answer, Mapping):
        found = _named_there(list(answer.values()))
        kind = next((kind for kind in ("domain", "body") if isinstance(answer.get(kind), str)), None)
        return found | ({f"{kind}/{answer[kind]}": answer["name"]} if kind and answer.get("name") else {})
    if isinstance(answer, list):
        return {subject: name for one in answer for subject, name in _named_there(one).items()}
    return {}


def _any_of(holders: Iterable[str]) -> re.Pattern[str] | None:
    """Any of these as a whole word: `actor/a-1` is not found in `actor/a-10`."""
    longest_first = sorted(holders, key=lambda holder: (-len(holder), holder))
    spoken = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w/])(?:{spoken})(?![\w/-]|[.:~+][\w-])") if spoken else None
