"""NATS as the services see it: a connection that comes back by itself."""

import asyncio
import re
from urllib.parse import urlsplit

import structlog
from nats.aio.client import Client
from nats.protocol import parser

from services.platform.lifetime import heed_cancellation

_log = structlog.get_logger(__name__)

# The server parts the arguments of a message by spaces and tabs, the client's own patterns by anything white:
# whoever may publish could name a reply address with a form feed in it, and we would understand nothing from
# there on.
parser.MSG_RE = re.compile(rb"\AMSG +([^ \t\r\n]+) +(\d+) +(([^ \t\r\n]+) +)?(\d+)\r\n")
parser.HMSG_RE = re.compile(rb"\AHMSG +([^ \t\r\n]+) +(\d+) +(([^ \t\r\n]+) +)?(\d+) +(\d+)\r\n")


class _Client(Client):
    """The client, except that a message it cannot read is dropped, and not the connection with it."""

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        try:
            await super()._process_msg(sid, subject, reply, data, headers)
        except (ValueError, IndexError) as error:  # not UTF-8, or headers cut short
            _log.debug("an unreadable message is dropped", reason=repr(error))


def inbox_of(url: str) -> str:
    """The prefix of the inboxes of the user that an address names: each may read its own alone."""
    parts = urlsplit(url)
    return f"_INBOX_{parts.username}" if parts.username and parts.password else "_INBOX"


async def connect(url: str, name: str, *, patience: float = 30.0) -> Client:
    """Connect, trying for `patience` seconds; afterwards it reconnects for ever.

    Answers come to `inbox_of(url)`. Raises TimeoutError if the server never answered.
    """

    async def lost() -> None:
        _log.warning("nats connection lost")

    async def back() -> None:
        _log.info("nats connection is back")

    async def failed(error: Exception) -> None:
        _log.warning("nats error", reason=repr(error))

    client = _Client()
    try:
        async with asyncio.timeout(patience):
            await client.connect(
                url,
                name=name,
                inbox_prefix=inbox_of(url),
                ping_interval=10,  # two unanswered, and it connects anew
                connect_timeout=2,
                max_reconnect_attempts=-1,  # for the first connection as well, hence the timeout
                reconnect_time_wait=0.2,  # type: ignore[arg-type]  # annotated int, slept as float
                disconnected_cb=lost,
                reconnected_cb=back,
                error_cb=failed,
            )
        heed_cancellation()
    except TimeoutError:
        await client.close()
        raise TimeoutError(f"NATS does not answer, or does not let {name!r} in; see LOCUS_NATS_URL") from None
    except BaseException:
        await client.close()
        raise
    return client
