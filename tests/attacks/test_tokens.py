"""Tokens that are odd rather than wrong: long, not text, in another place, ten thousand of them.

`alg: none`, confused algorithms, another audience or issuer, expired ones, floods of unknown key ids are in
tests/integration/test_publishers.py at the service, and in tests/unit/test_platform_oidc.py one by one. What
is kept of our own tokens is their hash, by which they are looked up: no time that it takes tells how much of
one was right.
"""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.platform import auth
from services.platform.problems import Problem
from tests.attacks.served import served
from tests.conftest import Database
from tests.integration.ledger_site import EVENTS, STRUCTURED, bearer, made, token
from tests.issuer import AUDIENCE, Issuer, issuing


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as running:
        yield running


async def test_a_token_is_taken_from_its_header_alone_and_in_its_own_form(
    database: Database, tmp_path: Path
) -> None:
    good = await token(database)
    typed = [(name.encode(), value.encode()) for name, value in STRUCTURED.items()]
    async with served(database, tmp_path / "signed") as ledger:
        del ledger.client.headers["authorization"]
        for headers in (
            {"authorization": good},
            {"authorization": f"Basic {good}"},
            {"authorization": f"Bearer {good} {good}"},
            {"authorization": f"Bearer {good}, Bearer x"},
            {"authorization": f"Bearer {good}\u00a0x"},
            {"authorization": f"Bearer {good.upper()}"},
            {"authorization": f"Bearer {good[:-1]}"},
            {"authorization": "Bearer " + good * 300},
            {"authorization": "Bearer " + "\u00ff" * 100},
            {"authorization": f"Bearer {auth.hashed(good).hex()}"},  # what a copy of the database tells
            {"cookie": f"authorization=Bearer {good}; token={good}"},
            {"x-forwarded-authorization": f"Bearer {good}", "proxy-authorization": f"Bearer {good}"},
        ):
            raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
            for address in (EVENTS, f"{EVENTS}?token={good}&access_token={good}&authorization={good}"):
                answer = await ledger.client.get(address, headers=raw)
                assert answer.status_code == 401, (headers, answer.text)
                answer = await ledger.client.post(address, json=made(), headers=[*typed, *raw.items()])
                assert answer.status_code == 401, (headers, answer.text)
                assert answer.json()["type"] == "urn:locus:problem:unauthenticated"


@pytest.mark.parametrize("subject", ["a\0b", "\ud800", "x" * 7_000, "robot\n", "' OR true --", "*"])
async def test_whoever_an_issuer_lets_choose_an_odd_name_is_nobody_here(
    database: Database, issuer: Issuer, tmp_path: Path, subject: str
) -> None:
    async with served(
        database, tmp_path / "signed", oidc_issuer=issuer.url, oidc_audience=AUDIENCE
    ) as ledger:
        said = bearer(issuer.token(sub=subject))
        for answer in (
            await ledger.client.get(EVENTS, headers=said),
            await ledger.client.post(EVENTS, content=json.dumps(made()), headers=STRUCTURED | said),
        ):
            assert answer.status_code in (401, 403), answer.text


async def test_ten_thousand_unknown_tokens_are_not_all_remembered() -> None:
    asked: list[bytes] = []

    async def find(key: bytes) -> auth.Principal | None:
        asked.append(key)
        return None

    known = auth.Authenticator(find, clock=lambda: datetime.now(UTC) + timedelta(0))
    for _ in range(10_000):
        with pytest.raises(Problem):
            await known.principal(f"Bearer {secrets.token_urlsafe(8)}")
    assert (len(asked), len(known._nobodys)) == (10_000, 4_096)
