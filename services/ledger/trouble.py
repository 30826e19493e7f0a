"""What a failed statement means: wait and run it again, mend the data, or mend the program."""

import asyncpg

from services.ledger.errors import Refused
from services.platform.migrated import CURE, UNMIGRATED

# The server, the network or somebody in the way: the same call may well succeed later.
_PASSING = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutdown, crash, start-up, cancelled
    asyncpg.InsufficientResourcesError,  # disk, memory, connections
    asyncpg.PostgresSystemError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidTransactionStateError,  # silent for too long while holding the lock
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def passes(error: Exception) -> bool:
    """Whether to connect anew and run the same again."""
    return isinstance(error, _PASSING) and not is_about_the_data(error)


def unmigrated(error: Exception) -> bool:
    """Whether the database is of another version, or lacks the vault, which no backup has."""
    return isinstance(error, UNMIGRATED)


def cure(error: Exception) -> str:
    """What an operator does about it."""
    return CURE if unmigrated(error) else "none, if it passes: it is tried again"


def is_about_the_data(error: Exception) -> bool:
    """Whether PostgreSQL, or the driver on its behalf, would refuse the same for ever."""
    if isinstance(error, asyncpg.InterfaceError):
        return isinstance(error, ValueError)  # an argument that the driver cannot encode
    return isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError)


def unstorable(error: Exception) -> Refused:
    """The refusal of a unit that intake let through and the database did not."""
    return Refused(
        "malformed",
        "The event cannot be stored",
        f"the database refuses it: {error}",
        where="",
        hint="Mend the event and publish it again; nothing was stored.",
    )
