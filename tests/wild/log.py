"""What is told of an organisation: plain CloudEvents with the instant each arrived."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Json = dict[str, Any]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def spelt(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Log:
    """Events of one ledger; `late` of them arrive some days after they occurred."""

    def __init__(self, name: str, end: datetime, late: float, rng: Random) -> None:
        self.name, self.end, self._late, self._rng = name, end, late, rng
        self._told: list[tuple[datetime, int, Json]] = []

    def tell(self, when: datetime, what: str, id: str, /, **data: Any) -> Json:
        """A trailing underscore in a member's name is dropped, and so is what is None."""
        event = {
            "specversion": "1.0",
            "id": f"w-{len(self._told) + 1}",
            "source": f"urn:wild:{self.name}",
            "type": f"locus.{what}.v1",
            "subject": id if "/" in id else f"{what.partition('.')[0]}/{id}",
            "time": spelt(when),
            "data": {name.rstrip("_"): value for name, value in data.items() if value is not None},
        }
        delay = timedelta(days=self._rng.uniform(0.1, 9)) if self._rng.random() < self._late else 0 * DAY
        arrived = min(when + delay, max(when, self.end - MINUTE))
        self._told.append((arrived, len(self._told), event))
        return event

    def mend(self, when: datetime, event: Json, what: str, **change: Any) -> None:
        """A correction or retraction, after the event has arrived for certain."""
        named = {"source": event["source"], "id": event["id"], "reason": "A slip of the pen."}
        self.tell(when + 10 * DAY, f"event.{what}", event["subject"], **named, **change)

    @property
    def events(self) -> list[Json]:
        """What had occurred and arrived by the end, in the order it arrived."""
        return [
            event for arrived, _, event in sorted(self._told, key=lambda told: told[:2]) if arrived < self.end
        ]
