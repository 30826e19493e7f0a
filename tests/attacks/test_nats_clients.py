"""NATS clients that are let in, at what is not theirs, while the intake is at work.

Publishing as the ledger, deleting or reading streams, reading another user's inbox, having answers sent to a
stream: tests/integration/test_nats_permissions.py, for the embedded server and for deploy/nats.conf.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from services.ledger.nats import GROUP
from services.platform.embedded import Nats
from tests.conftest import Database
from tests.integration.ledger_site import made
from tests.integration.nats_site import Site, running_nats, site
from tests.integration.test_nats_permissions import Users, settled
from tests.ledgers import check_log

LETTING_IN = ("publisher", "worker", "ledger")


@pytest.fixture(scope="module")
def server() -> Iterator[Nats]:
    with running_nats() as running:
        yield running


@pytest.fixture
async def ledger(database: Database, server: Nats, tmp_path: Path) -> AsyncIterator[Site]:
    async with site(database, server, tmp_path) as running:
        yield running


async def test_nobody_steals_tokens_or_answers_in_the_ledger_s_place(
    ledger: Site, server: Nats, database: Database
) -> None:
    """By listening, or by joining those among whom the requests are shared out."""
    stolen: list[Msg] = []

    async def steal(message: Msg) -> None:
        stolen.append(message)
        await message.respond(b'{"position":1}')

    async with Users(server) as users:
        for user in LETTING_IN:
            for subject in ("locus.intake.>", "locus.intake.*", "locus.intake.acme", "locus.*.acme", ">"):
                for queue in ("", GROUP):
                    users.refused[user].clear()
                    await users.clients[user].subscribe(subject, queue=queue, cb=steal)
                    await settled(users.clients[user])
                    async with asyncio.timeout(5):
                        while not users.refused[user]:  # noqa: ASYNC110 — the refusal comes when it comes
                            await asyncio.sleep(0.01)
                    assert "permissions violation for subscription" in users.refused[user][0], (user, subject)
        receipts = [(await ledger.nats.send(made())).json for _ in range(20)]
    assert [receipt["position"] for receipt in receipts] == list(range(1, 21))
    assert stolen == []
    assert len(await check_log(database.url)) == 20


@pytest.mark.parametrize("user", ["publisher", "worker"])
async def test_nobody_answers_into_an_inbox_but_who_was_asked(server: Nats, user: str) -> None:
    async with Users(server) as users:
        for inbox in (
            "_INBOX_publisher.a.b",
            "_INBOX_intake.a.b",
            "_INBOX_ledger.a.b",
            "_INBOX.a.b",
            "_R_.a",
        ):
            assert await users.publishing_is_refused(user, inbox), inbox
