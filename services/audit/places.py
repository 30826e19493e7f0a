"""Where a stretch of a log is examined is up to where its entries are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.audit.looking import looking
from services.audit.uniques import Hashing
from services.audit.work import Examine, InDatabase, Place, of_lines


@asynccontextmanager
async def begun(place: Place, hashing: Hashing) -> AsyncIterator[Examine]:
    """Somebody who examines stretches that are there."""
    if isinstance(place, InDatabase):
        async with looking(place, hashing) as looker:
            yield looker.examine
    else:
        yield of_lines(place, hashing)
