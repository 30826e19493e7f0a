"""What a publisher is told when a unit cannot be recorded: what is wrong, where, and what to do. Pure."""

from collections.abc import Sequence

import msgspec

from schemas.checks import Malformed, check
from schemas.envelope import Event
from schemas.event import Corrected, Retracted
from schemas.registry import convert_data
from schemas.types import Data
from services.ledger.errors import Conflict, Refused
from services.ledger.intake_words import unfit
from services.ledger.lifecycle import Refusal

_NOT_AMENDED = ("locus.event.", "locus.person.")


def identity_taken(event: Event, position: int | None) -> Conflict:
    """The identity is stored with other content; without a position, it comes twice in one batch."""
    if position is None:
        detail = "another event of this batch has that id"
    else:
        detail = f"{event.source} {event.id} is recorded at position {position} with other content"
    return Conflict(
        "identity-taken",
        "This id is taken by another event",
        detail,
        where="/id",
        hint="Give another fact an id of its own; to mend the first, publish event.corrected.",
    )


def version_mismatch(event: Event, version: int) -> Conflict:
    """The subject is not where the publisher believed it to be."""
    return Conflict(
        "version-mismatch",
        "The subject has moved",
        f"{event.subject} is at version {version}, not {event.expectedversion}",
        where="/expectedversion",
        hint="Read the subject again; if the event still holds, publish it on this version.",
        early=version < (event.expectedversion or 0),
    )


def impossible(event: Event, refusal: Refusal) -> Refused:
    """Nothing that happened to this subject lets this follow."""
    return Refused(
        "impossible",
        "The event is impossible after what its subject has been through",
        f"{event.subject}: {refusal.detail}",
        where="/type",
        hint=refusal.hint,
        early=refusal.early,
    )


def person_erased(gone: Sequence[str]) -> Refused:
    """Nothing personal of an erased person is taken any more."""
    return Refused(
        "person-erased",
        "The person is erased",
        f"{', '.join(gone)} belongs to a person whose key was destroyed: nothing personal of them is kept",
        where=gone[0],
        hint="Leave the member out, or, if it must be given, do not publish the event.",
    )


def unknown_event(event: Event, source: str, id: str) -> Refused:
    """A correction or retraction of nothing."""
    return Refused(
        "unknown-event",
        "The event named is not recorded on this subject",
        f"{event.subject} has no event {source} {id}",
        where="/data/id",
        hint="Name an event of this same subject by its `source` and `id`, and publish that one first.",
        early=True,
    )


def amended_data(said: Corrected | Retracted, original: Event) -> Data | None:
    """The data that takes the place of the named event's, if any. Raises Refused if it cannot."""
    if original.type.startswith(_NOT_AMENDED):
        raise _not_amended(original)
    if isinstance(said, Retracted) or said.data is None:
        return None
    try:
        data = convert_data(original.type, said.data, sealed=True)
        check(msgspec.structs.replace(original, data=data))
    except msgspec.ValidationError as error:
        flaw = unfit(error, "/data/data", original.type, said.data)
        raise _misfit(flaw.where, flaw.detail, flaw.hint) from None
    except Malformed as error:
        hint = f"`data` replaces the whole data of the named event, so it has the form of {original.type}."
        raise _misfit(f"/data{error.where}", error.detail, hint) from None
    return data


def _not_amended(original: Event) -> Refused:
    return Refused(
        "malformed",
        "Only facts can be corrected or retracted",
        f"the event named is a {original.type}",
        where="/data/id",
        hint="Name the fact itself: the last correction or retraction of it wins.",
    )


def _misfit(where: str, detail: str, hint: str) -> Refused:
    return Refused("malformed", "The corrected data is malformed", detail, where=where, hint=hint)
