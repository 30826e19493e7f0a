"""Strict JSON: bytes into a tree that means one thing to every reader, or the place where they go wrong.

Refused beyond what the grammar refuses: a member named twice, numbers that doubles cannot tell apart, NUL and
lone surrogates, and nesting deeper than anything published here. Reading is the standard library's; only a
text known to be at fault is walked again, token by token, to name the place.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_NUMBER = 2**53
_MAX_DIGITS = 400  # of a number worth converting: 1e308 written out is shorter

_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|[\ud800-\udfff]")
_BAD_CHARACTER = re.compile("[\x00\ud800-\udfff]")
_TOKEN = re.compile(
    r"""[ \t\n\r]*(?:
        (?P<mark>[{}\[\],:])
      | (?P<string>"(?:[^"\\\x00-\x1f]++|\\.)*+")
      | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)
      | (?P<word>true|false|null)
      | (?P<infinite>NaN|-?Infinity))""",
    re.VERBOSE | re.DOTALL,
)


class BadInput(Exception):
    """What was sent cannot be taken. `where` is a JSON pointer, `index` the event's place in a batch."""

    def __init__(self, slug: str, where: str, detail: str, hint: str) -> None:
        super().__init__(detail)
        self.slug = slug
        self.where = where
        self.detail = detail
        self.hint = hint
        self.index: int | None = None


class Unreadable(BadInput):
    """Not JSON that means one thing to every reader."""


class _Ambiguous(Exception):
    """Well-formed, but refused; the walk finds where."""


def tree(body: bytes) -> Any:
    """The value written in `body`; whole floats become integers, so that spelling does not count.

    Raises Unreadable.
    """
    text = _text(body)
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        _refuse(text, error.pos, error.msg)
    except (_Ambiguous, RecursionError):
        _refuse(text, len(text), "not acceptable")
    if _SUSPECT.search(text) is not None or _deeper_than(MAX_DEPTH, text, value):
        _Walk(text).to(len(text))
    return value


def pointer(path: Iterable[str | int | None]) -> str:
    """The JSON pointer (RFC 6901) of a path; long names are cut, since the answer repeats them."""
    parts = (str(part)[:100].replace("~", "~0").replace("/", "~1") for part in path if part is not None)
    return "".join(f"/{_BAD_CHARACTER.sub('?', part)}" for part in parts)


def _text(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        walk = _Walk(body[: error.start].decode())
        walk.to(len(walk.text))
        raise Unreadable(
            "invalid-utf-8",
            walk.where(),
            f"byte {error.start} is not UTF-8",
            "encode the body as UTF-8",
        ) from None
    if text.startswith("\ufeff"):
        raise Unreadable("not-json", "", "the body begins with a byte order mark", "send JSON without one")
    return text


def _refuse(text: str, position: int, why: str) -> NoReturn:
    walk = _Walk(text)
    walk.to(position)
    raise Unreadable(
        "not-json",
        walk.where(),
        f"not JSON: {why[:1].lower()}{why[1:]} (character {position})",
        "send one JSON value as RFC 8259 writes it",
    )


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Ambiguous
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS or not -MAX_NUMBER <= (number := int(digits)) <= MAX_NUMBER:
        raise _Ambiguous
    return number


def _number(digits: str) -> int | float:
    number = float(digits)
    if not -MAX_NUMBER <= number <= MAX_NUMBER or _past_by_rounding(number, digits):
        raise _Ambiguous
    return int(number) if number.is_integer() else number


def _past_by_rounding(number: float, digits: str) -> bool:
    """Whether a number written past 2^53 became 2^53 itself."""
    return abs(number) == MAX_NUMBER and digits.lstrip("-").rstrip("0").rstrip(".") != str(MAX_NUMBER)


def _constant(_name: str) -> NoReturn:
    raise _Ambiguous


_decoder = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_number, parse_constant=_constant
)


def _deeper_than(limit: int, text: str, value: Any) -> bool:
    if text.count("[") + text.count("{") <= limit:
        return False
    level = [value]
    for _ in range(limit + 1):
        level = (
            [
                child
                for parent in level
                for child in (parent.values() if type(parent) is dict else parent)
                if type(child) in (dict, list)
            ]
            if type(level[0]) in (dict, list)
            else []
        )
        if not level:
            return False
    return True


class _Walk:
    """One pass over a text known to be at fault, up to the first thing that is refused."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.path: list[str | int | None] = []
        self.names: list[set[str] | None] = []  # of each open object; None for an array
        self.naming = False

    def where(self) -> str:
        """The pointer of the value being read."""
        return pointer(self.path)

    def to(self, end: int) -> None:
        """Read the tokens before `end`; raises Unreadable at the first that no grammar forbids but we do."""
        position = 0
        while (token := _TOKEN.match(self.text, position)) is not None and token.end() <= end:
            position = token.end()
            self._take(token)

    def _take(self, token: re.Match[str]) -> None:
        kind, text = token.lastgroup, token[token.lastgroup or 0]
        if kind == "mark":
            self._mark(text)
        elif kind == "string":
            self._string(text)
        elif kind == "infinite":
            self._fault(
                "not-json", f"{text} is not a JSON number", "leave the member out when there is no number"
            )
        elif kind == "number":
            self._digits(text)

    def _mark(self, mark: str) -> None:
        if mark in "{[":
            self._open(mark)
        elif mark in "}]":
            if self.path:
                self.path.pop()
                self.names.pop()
            self.naming = False
        elif mark == ":":
            self.naming = False
        elif self.path:
            last = self.path[-1]
            self.naming = self.names[-1] is not None
            self.path[-1] = last + 1 if isinstance(last, int) else None

    def _open(self, mark: str) -> None:
        if len(self.path) >= MAX_DEPTH:
            self._fault("too-deep", f"nested deeper than {MAX_DEPTH} levels", "flatten the data")
        self.naming = mark == "{"
        self.path.append(None if self.naming else 0)
        self.names.append(set() if self.naming else None)

    def _string(self, quoted: str) -> None:
        try:
            text = json.loads(quoted)
        except json.JSONDecodeError:  # an escape that does not exist: the reader's own message says so
            return
        names = self.names[-1] if self.naming and self.names else None
        if names is not None:
            self.path[-1] = text
            if text in names:
                self._fault(
                    "duplicate-key", "the member is named twice in one object", "send each member once"
                )
            names.add(text)
        if bad := _BAD_CHARACTER.search(text):
            what = "NUL" if bad[0] == "\0" else "a surrogate without its partner"
            self._fault("bad-character", f"the text contains {what}", "remove the character")

    def _digits(self, digits: str) -> None:
        try:
            (_number if set(digits) & set(".eE") else _integer)(digits)
        except _Ambiguous:
            self._fault(
                "number-too-large",
                "beyond ±2^53 neighbouring integers are the same number to most JSON readers",
                "send a smaller number, or text where the member allows it",
            )

    def _fault(self, slug: str, detail: str, hint: str) -> NoReturn:
        raise Unreadable(slug, self.where(), detail, hint)
