"""NATS as the services see it: a connection that comes back by itself."""

import asyncio

import structlog
from nats.aio.client import Client

from services.platform.lifetime import heed_cancellation

_log = structlog.get_logger(__name__)


async def connect(url: str, name: str, *, patience: float = 30.0) -> Client:
    """Connect, trying for `patience` seconds; afterwards it reconnects for ever.

    Raises TimeoutError if the server never answered.
    """

    async def lost() -> None:
        _log.warning("nats connection lost")

    async def back() -> None:
        _log.info("nats connection is back")

    async def failed(error: Exception) -> None:
        _log.warning("nats error", reason=repr(error))

    client = Client()
    try:
        async with asyncio.timeout(patience):
            await client.connect(
                url,
                name=name,
                connect_timeout=2,
                max_reconnect_attempts=-1,  # for the first connection as well, hence the timeout
                reconnect_time_wait=0.2,  # type: ignore[arg-type]  # annotated int, slept as float
                disconnected_cb=lost,
                reconnected_cb=back,
                error_cb=failed,
            )
        heed_cancellation()
    except BaseException:
        await client.close()
        raise
    return client
