"""How facts become structured CloudEvents: ids, sources, times."""

from typing import Any

from services.connectors.demo.clock import stamp, stamp_east

Json = dict[str, Any]
Step = tuple[int, Json, int]  # when it occurred, the event, how many seconds later it is published

GOVERNANCE = "urn:locus-demo:governance"
FORGE = "urn:locus-demo:forge"
MEETINGS = "urn:locus-demo:meetings"
HR = "urn:locus-demo:hr"

_ODD = 2_654_435_761  # odd, so multiplying by it permutes the 32-bit numbers


def opaque(number: int) -> str:
    """A name that tells nothing about its number; the first 2³² numbers have different ones."""
    return f"{number * _ODD & 0xFFFFFFFF:08x}"


class Pen:
    """Writes events and hands out new names. Everything it writes has an id of its own."""

    def __init__(self) -> None:
        self._events = 0
        self._names = 0

    def name(self, prefix: str) -> str:
        """A new opaque subject id: `d-9e3779b1`."""
        self._names += 1
        return f"{prefix}-{opaque(self._names)}"

    def write(self, what: str, id: str, at: int, data: Json, source: str = GOVERNANCE) -> Json:
        """The event `locus.<what>.v1` about `<kind>/<id>`."""
        self._events += 1
        return {
            "specversion": "1.0",
            "id": opaque(self._events),
            "source": source,
            "type": f"locus.{what}.v1",
            "subject": f"{what.partition('.')[0]}/{id}",
            "time": stamp_east(at) if source is HR else stamp(at),
            "data": data,
        }
