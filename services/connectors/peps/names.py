"""Names as headers write them: read, and brought to one spelling (pure)."""

import difflib
import re
import unicodedata
from typing import NamedTuple

_LIST = re.compile(r"\s*(?:,(?![^(<]*[)>])|\n)\s*")  # commas between people, not inside brackets
_ANGLED = re.compile(r"(.*?)<(.*)>")
_MAIL_FIRST = re.compile(r"([^()]+?@[^()]+?)\s*\((.+)\)")
_SUFFIX = re.compile(r",\s*(Jr\.?|Sr\.?|I{2,3})(?=[\s,)<]|$)")
_PLACEHOLDER = re.compile(r"\W*(tb[ad]|n/?a|x{3,}|todo|none|unknown|pending|)\W*", re.IGNORECASE)
_GROUP = re.compile(r"\b(group|council|team|board|sig|community)\b", re.IGNORECASE)
_PARTICLES = frozenset({"jr", "sr", "ii", "iii", "von", "van", "v", "de", "der"})
_BY_NICKNAME = {"gvr": "guido rossum", "guido": "guido rossum", "bdfl": "guido rossum"}


class Person(NamedTuple):
    """A name, and the address beside it, as written. `group` marks a body of people."""

    name: str
    email: str = ""

    @property
    def group(self) -> bool:
        return _GROUP.search(self.name) is not None


def persons(text: str) -> tuple[Person, ...]:
    """Everybody a header field names; placeholders (TBD, n/a, XXXX) name nobody.

    Both fashions are read, `Ada King <ada@a.org>` and `ada@a.org (Ada King)`, addresses hidden as
    `ada at a.org`, and lists split by commas, lines or `and`. An address alone names nobody.
    """
    found = [_person(piece) for piece in _pieces(_SUFFIX.sub(r" \1", text))]
    return tuple(dict.fromkeys(person for person in found if not _PLACEHOLDER.fullmatch(person.name)))


def _pieces(text: str) -> list[str]:
    pieces = _LIST.split(text)
    joined = [[piece] if _GROUP.search(piece) else re.split(r"\s+and\s+", piece) for piece in pieces]
    return [piece for several in joined for piece in several]


def _person(piece: str) -> Person:
    plain = re.sub(r"\s*(?: at |\(at\)|--at--)\s*", "@", piece)
    plain = plain.replace("(dot)", ".")
    angled, mail_first = _ANGLED.match(plain), _MAIL_FIRST.match(plain)
    if angled:
        return Person(_bare(angled[1]), angled[2].strip().lower())
    if mail_first:
        return Person(_bare(mail_first[2]), mail_first[1].strip().lower())
    return Person("" if "@" in plain else _bare(piece))


def _bare(name: str) -> str:
    """Without asides (`(on behalf of the council)`) and stray quotes. The é of DOS was read as `‚`."""
    return " ".join(re.sub(r"\([^)]*\)", " ", name.replace("\u201a", "é")).strip(" \"'").split())[:200]


def key(name: str) -> str:
    """One spelling of a name: no accents, case, initials, particles or order of its parts."""
    spelled = " ".join(sorted(_telling(name)))
    return _BY_NICKNAME.get(spelled, spelled)


def _telling(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    parts = re.sub(r"[.'’]", " ", plain.replace("-", "")).split()
    return [part for part in parts if part not in _PARTICLES and len(part) > 1] or parts


def kin(one: str, other: str) -> bool:
    """Whether two spelled names share a part: a shared address alone may be somebody's slip."""
    return bool(set(one.split()) & set(other.split()))


def same_family(one: Person, other: Person) -> bool:
    """Whether two have one surname; with the same first name, it may be spelt a little otherwise."""
    ours, theirs = _telling(one.name), _telling(other.name)
    if not ours or not theirs or ours[-1] == theirs[-1]:
        return bool(ours and theirs)
    return ours[0] == theirs[0] and bool(difflib.get_close_matches(ours[-1], theirs[-1:], cutoff=0.8))


def slug(name: str) -> str:
    """A body's id: bodies are no persons and may be called by name."""
    return "-".join(re.sub(r"[^a-z0-9]+", " ", name.casefold()).split())
