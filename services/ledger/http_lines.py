"""Lines out of a body that comes in pieces. Pure but for the generator that asks for the pieces."""

from collections.abc import AsyncIterator

from litestar.types import Receive

LONGEST_LINE = 256 * 1024
_MOST_LINES = 500
_MOST_BYTES = 1 << 20


class Splitter:
    """Cuts pieces into lines. Of one that is too long only the beginning is kept, LONGEST_LINE + 1 bytes."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines this piece ends, blank ones left out."""
        *whole, self._rest = (self._rest + piece).split(b"\n")
        if self._skipping and whole:
            del whole[0]
            self._skipping = False
        if self._skipping:
            self._rest = b""
        elif len(self._rest) > LONGEST_LINE:
            whole.append(self._rest)
            self._rest, self._skipping = b"", True
        return [line[: LONGEST_LINE + 1] for line in whole if line.strip() or len(line) > LONGEST_LINE]

    def end(self) -> list[bytes]:
        """The last line, if no newline ended it."""
        return [self._rest] if self._rest.strip() and not self._skipping else []


async def windows(receive: Receive) -> AsyncIterator[list[bytes]]:
    """The body's lines as they come, in lists of bounded length and size."""
    splitter = Splitter()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return  # the client has gone: a line it was writing is no line
        more = message["more_body"]
        lines = splitter.feed(message["body"])
        for window in _bounded(lines if more else lines + splitter.end()):
            yield window


def _bounded(lines: list[bytes]) -> list[list[bytes]]:
    found: list[list[bytes]] = []
    size = 0
    for line in lines:
        if not found or len(found[-1]) >= _MOST_LINES or size + len(line) > _MOST_BYTES:
            found.append([])
            size = 0
        found[-1].append(line)
        size += len(line)
    return found
