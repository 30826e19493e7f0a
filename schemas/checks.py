"""What must hold of one event beyond the shape of its parts. Pure, and quick: each published event passes."""

import typing
from datetime import UTC, datetime

from schemas.envelope import MAX_BYTES, Event
from schemas.registry import SUBJECTS, TYPES
from schemas.types import Quota
from schemas.walk import Visit, visitor

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


class Malformed(ValueError):
    """An event that cannot be taken as it is: `where` (a JSON pointer into the structured event) and why."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where}: {detail}")
        self.where = where
        self.detail = detail


def check(event: Event) -> None:
    """Raise Malformed unless the event's sizes, subject, rules and instants hold together."""
    _sized("/id", event.id, MAX_BYTES["id"])
    _sized("/source", event.source, MAX_BYTES["source"])
    _sized("/subject", event.subject, MAX_BYTES["subject"])
    kind = SUBJECTS[event.type]
    if kind is not None and not event.subject.startswith(kind):
        raise Malformed("/subject", f"a {event.type} is about a subject {kind}<id>")
    judge = _JUDGES[event.data.__class__]
    if judge is not None:
        judge(event.data, None)


def _sized(where: str, value: str, limit: int) -> None:
    if value.isascii():
        size = len(value)
    else:
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            raise Malformed(where, "contains a lone surrogate") from None
    if size > limit:
        raise Malformed(where, f"is {size} bytes long; at most {limit} are taken")


def _quota(where: str) -> Visit:
    def judge(rule: Quota, _: None) -> None:
        if (rule.at_least is None) is (rule.more_than is None):
            raise Malformed(where, "a quota has exactly one of `at_least` and `more_than`")
        if rule.more_than is not None:
            part, whole = rule.more_than.split("/")
            if int(part) >= int(whole):
                raise Malformed(
                    f"{where}/more_than", "a fraction below 1 is needed: no more than all can decide"
                )

    return judge


def _moment(where: str) -> Visit:
    def judge(moment: datetime, _: None) -> None:
        if not 1 < moment.year < 9999 and not _FIRST <= moment <= _LAST:
            raise Malformed(where, "falls outside the years 1 to 9999 in UTC")

    return judge


def _leaf(hint: typing.Any, where: str) -> Visit | None:
    if hint is Quota:
        return _quota(where)
    if typing.get_origin(hint) is typing.Annotated and typing.get_args(hint)[0] is datetime:
        return _moment(where)
    return None


_JUDGES = {cls: visitor(cls, _leaf, "/data") for cls in TYPES.values()}
