"""What an auditor brings along: keys, a policy, kept answers; read strictly, told in a sentence."""

from pathlib import Path
from typing import Annotated

import msgspec

from services.audit.claims import Claim, Trust
from services.failures import USAGE, CommandFailed
from services.platform.note import COSIGNATURE, ED25519, BadNote, Verifier
from services.platform.policy import BadPolicy, Group, Policy

_LARGEST = 1 << 26  # bytes of a file that is read whole
_ALL = "all-given"  # the group of the witnesses named one by one


class _RestsOn(msgspec.Struct, frozen=True):
    ledger: str
    position: Annotated[int, msgspec.Meta(ge=0)]
    root: str


class _Answer(msgspec.Struct, frozen=True):
    rests_on: _RestsOn


def trusted(keys: tuple[str, ...], witnesses: tuple[str, ...], policy: Path | None) -> Trust:
    """Whom to believe. With witnesses named one by one, all of them must have cosigned."""
    given = _policy(policy)
    # `locus key show` prints a key a line while one takes over from another: all of them may be given as one.
    logs = tuple(_key("--key", key, ED25519) for words in keys for key in words.split() or [words])
    seen = {key.name: key for key in (_key("--witness", key, COSIGNATURE) for key in witnesses)}
    if seen:
        given = _with_witnesses(given, seen)
    if (seen or policy is not None) and not (logs or given.logs):
        raise CommandFailed("witnesses vouch for a log, so name its key as well: --key", USAGE)
    return Trust(given, logs)


def _policy(path: Path | None) -> Policy:
    if path is None:
        return Policy()
    try:
        return Policy.parse(whole(path))
    except BadPolicy as error:
        raise CommandFailed(f"the policy {path} cannot be read: {error}", USAGE) from None


def _with_witnesses(policy: Policy, seen: dict[str, Verifier]) -> Policy:
    wanted = tuple(seen) if policy.quorum == "none" else (policy.quorum, *seen)
    return Policy(
        policy.logs,
        {**policy.witnesses, **seen},
        {**policy.groups, _ALL: Group(len(wanted), wanted)},
        _ALL,
        policy.urls,
    )


def _key(option: str, text: str, algorithm: int) -> Verifier:
    try:
        key = Verifier.parse(text)
    except BadNote as error:
        raise CommandFailed(f"{option}: {error}", USAGE) from None
    if key.algorithm != algorithm:
        whose = "a log" if algorithm == ED25519 else "a witness"
        raise CommandFailed(f"{option}: {key.name} is not the key of {whose}", USAGE)
    return key


def answer(path: Path) -> Claim:
    """The root that a view's answer rests on. Raises CommandFailed."""
    try:
        said = msgspec.json.decode(whole(path), type=_Answer).rests_on
        return Claim(said.position, bytes.fromhex(said.root), f"the answer in {path}", "answer", said.ledger)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise CommandFailed(f"{path} is no answer of a view: {error}", USAGE) from None


def whole(path: Path) -> bytes:
    """A small file. Raises CommandFailed."""
    try:
        if path.stat().st_size > _LARGEST:
            raise CommandFailed(f"{path} is too large to be what it should be", USAGE)
        return path.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}", USAGE) from None
