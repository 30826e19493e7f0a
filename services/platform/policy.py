"""Whom an auditor trusts, as C2SP tlog-policy writes it: logs, witnesses, how many must agree. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from services.platform.checkpoint import Checkpoint
from services.platform.note import COSIGNATURE, ED25519, BadNote, Note, NotSigned, Verifier, cosigned_at

NOBODY = "none"
_MOST_BYTES = 1 << 20


class BadPolicy(ValueError):
    """The policy cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many of its members have to agree."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs by any of their keys, witnesses by name, groups of them, and what is enough: a name, or `none`."""

    logs: tuple[Verifier, ...] = ()
    witnesses: Mapping[str, Verifier] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = NOBODY
    urls: Mapping[str, str] = field(default_factory=dict)  # of logs by origin, of witnesses by name

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """A policy file. Raises BadPolicy."""
        return cls(*_Reader(data).read())

    def __str__(self) -> str:
        lines = [f"log {one}{self._url(one.name)}" for one in self.logs]
        lines += [f"witness {name} {key}{self._url(name)}" for name, key in self.witnesses.items()]
        lines += [
            f"group {name} {group.least} {' '.join(group.members)}" for name, group in self.groups.items()
        ]
        return "".join([line + "\n" for line in (*lines, f"quorum {self.quorum}")])

    def check(self, note: Note, logs: Iterable[Verifier] = ()) -> tuple[Checkpoint, dict[str, int]]:
        """The checkpoint, and when each known witness cosigned it (seconds since 1970).

        `logs` are trusted besides the policy's own. Raises BadNote; NotSigned: by no such log, or too few.
        """
        checkpoint = Checkpoint.parse(note.text)
        known = {one for one in (*self.logs, *logs) if one.name == checkpoint.origin}
        names = {key: name for name, key in self.witnesses.items()}
        found = note.signed_by((*known, *names))
        if not any(key in known for key, _ in found):
            raise NotSigned(f"no key that is trusted for {checkpoint.origin!r} has signed the checkpoint")
        times = {names[key]: cosigned_at(signature) for key, signature in found if key in names}
        if self.quorum != NOBODY and not self._agreed(self.quorum, set(times)):
            raise NotSigned(f"the witnesses that cosigned are not the quorum {self.quorum!r}")
        return checkpoint, times

    def _agreed(self, name: str, cosigned: set[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in cosigned
        return sum([self._agreed(member, cosigned) for member in group.members]) >= group.least

    def _url(self, name: str) -> str:
        return f" {self.urls[name]}" if name in self.urls else ""


class _Reader:
    """Reads a policy line by line; a name may be used only below the line that defines it."""

    def __init__(self, data: bytes) -> None:
        if len(data) > _MOST_BYTES:
            raise BadPolicy(f"{len(data)} bytes; policies of at most {_MOST_BYTES} are read")
        if any((byte < 0x20 and byte not in b"\t\n") or byte == 0x7F for byte in data):
            raise BadPolicy("a policy holds no control characters but tabs and newlines")
        # Octets above ASCII are opaque: they are carried through as they are.
        self._lines = data.decode("utf-8", "surrogateescape").split("\n")
        self._logs: list[Verifier] = []
        self._witnesses: dict[str, Verifier] = {}
        self._groups: dict[str, Group] = {}
        self._urls: dict[str, str] = {}
        self._members: set[str] = set()
        self._quorum: str | None = None

    def read(
        self,
    ) -> tuple[tuple[Verifier, ...], dict[str, Verifier], dict[str, Group], str, dict[str, str]]:
        for number, line in enumerate(self._lines, 1):
            words = [word for word in line.replace("\t", " ").split(" ") if word]
            if not words or words[0].startswith("#"):
                continue
            try:
                self._take(*words)
            except (ValueError, TypeError) as error:
                told = str(error) if isinstance(error, ValueError) else f"{words[0]!r} takes other words"
                raise BadPolicy(f"line {number}: {told}") from None
        if self._quorum is None:
            raise BadPolicy("a policy says its quorum: quorum <name>, or quorum none")
        return tuple(self._logs), self._witnesses, self._groups, self._quorum, self._urls

    def _take(self, word: str, *rest: str) -> None:
        match word:
            case "log":
                self._log(*rest)
            case "witness":
                self._witness(*rest)
            case "group":
                self._group(*rest)
            case "quorum":
                self._set_quorum(*rest)
            case _:
                raise ValueError(f"{word!r} is not log, witness, group or quorum")

    def _log(self, vkey: str, url: str | None = None) -> None:
        key = _key(vkey, ED25519)
        if any(one.public == key.public for one in self._logs):
            raise ValueError("another log has this key")
        self._logs.append(key)
        self._keep(key.name, url)

    def _witness(self, name: str, vkey: str, url: str | None = None) -> None:
        self._new(name)
        key = _key(vkey, COSIGNATURE)
        if any(one.public == key.public for one in self._witnesses.values()):
            raise ValueError("another witness has this key")
        self._witnesses[name] = key
        self._keep(name, url)

    def _group(self, name: str, least: str, *members: str) -> None:
        self._new(name)
        for member in members:
            self._known(member)
            if member in self._members:
                raise ValueError(f"{member!r} is a member already")
            self._members.add(member)
        enough = {"all": len(members), "any": 1}.get(least) or _count(least)
        if not 1 <= enough <= len(members):
            raise ValueError(f"{least} of {len(members)} members cannot agree")
        self._groups[name] = Group(enough, members)

    def _set_quorum(self, name: str) -> None:
        if self._quorum is not None:
            raise ValueError("there is one quorum line")
        if name != NOBODY:
            self._known(name)
        self._quorum = name

    def _new(self, name: str) -> None:
        if name == NOBODY or name in self._witnesses or name in self._groups:
            raise ValueError(f"the name {name!r} is taken")

    def _known(self, name: str) -> None:
        if name not in self._witnesses and name not in self._groups:
            raise ValueError(f"{name!r} is not a witness or group of a line above")

    def _keep(self, name: str, url: str | None) -> None:
        if url is not None:
            self._urls[name] = url


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text!r} is not all, any or a number")
    return int(text)


def _key(vkey: str, algorithm: int) -> Verifier:
    try:
        key = Verifier.parse(vkey)
    except BadNote as error:
        raise ValueError(str(error)) from None
    if key.algorithm != algorithm:
        raise ValueError(f"a key of type {algorithm} is needed here, not {key.algorithm}")
    return key
