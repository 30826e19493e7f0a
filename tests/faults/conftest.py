"""One real system for all fault tests of a run; every test has a ledger of its own on it."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.book import Book
from tests.faults.system import System


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a parallel run all fault tests go to one worker: there is one system, and they measure time."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="session")
def running_system() -> Iterator[System]:
    """On disk, because durability is the point."""
    with tempfile.TemporaryDirectory(prefix="locus-faults-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)  # PostgreSQL may have to run as another user
        system = System(Path(directory))
        try:
            system.start()
            yield system
        finally:
            system.stop()


@pytest.fixture
async def system(running_system: System) -> System:
    """The system with all its processes alive, whatever the test before did to them."""
    await running_system.mend()
    return running_system


@pytest.fixture
async def book(system: System) -> Book:
    """An empty ledger, and what publishers will remember of it."""
    ledger = f"faults-{secrets.token_hex(4)}"
    await system.create(ledger)
    return Book(ledger)


@pytest.fixture
def seed() -> str:
    """What the random choices of a test follow from; the run prints it, and LOCUS_SEED repeats them."""
    return os.environ["LOCUS_SEED"]
