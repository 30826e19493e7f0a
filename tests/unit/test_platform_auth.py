"""Tokens: what they allow, how they end, and that nobody learns why one was refused."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.platform import auth
from services.platform.problems import Problem, unavailable
from tests.conftest import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def principal(**changes: object) -> auth.Principal:
    given = {
        "publisher": "forge",
        "scopes": frozenset({"publish"}),
        "ledgers": ("acme",),
        "sources": ("https://forge.example/*", "urn:exact"),
        "expires_at": NOW + timedelta(days=1),
    }
    return auth.Principal(**(given | changes))  # type: ignore[arg-type]  # fields by name


async def created(database: Database, expires_at: datetime) -> str:
    connection = await database.connect()
    token = await auth.create(connection, "forge", scopes=["publish", "views"], expires_at=expires_at)
    await connection.close()
    return token


async def test_a_created_token_is_found_by_the_roles_that_look_tokens_up(database: Database) -> None:
    token = await created(database, datetime.now(UTC) + timedelta(hours=1))
    for role in ("locus_reader", "locus_projector"):
        connection = await database.connect(role)
        found = await auth.authenticator(connection).principal(f"Bearer {token}")
        assert (found.publisher, found.scopes) == ("forge", {"publish", "views"})
        await connection.close()


async def test_only_the_hash_of_a_token_is_stored(database: Database) -> None:
    token = await created(database, datetime.now(UTC) + timedelta(hours=1))
    connection = await database.connect()
    stored = await connection.fetchval("SELECT t::text FROM access.tokens t")
    assert token not in stored
    assert auth.hashed(token).hex() in stored
    await connection.close()


async def test_missing_malformed_unknown_and_expired_tokens_get_the_same_problem(database: Database) -> None:
    expired = await created(database, datetime.now(UTC) - timedelta(seconds=1))
    connection = await database.connect("locus_reader")
    known = auth.authenticator(connection)
    bodies = set()
    for header in (None, "", "Bearer", "Basic eA==", "Bearer a b", "Bearer nobody", f"Bearer {expired}"):
        with pytest.raises(Problem) as raised:
            await known.principal(header)
        bodies.add(raised.value.encoded())
        assert raised.value.kind.status == 401
    assert len(bodies) == 1
    await connection.close()


async def test_answers_are_remembered_for_a_short_while_only() -> None:
    asked: list[bytes] = []
    answers: list[auth.Principal | None] = [principal(), None]

    async def find(key: bytes) -> auth.Principal | None:
        asked.append(key)
        return answers[len(asked) - 1]

    clock = Clock()
    known = auth.Authenticator(find, clock=clock, seconds=10)
    for _ in range(3):
        assert (await known.principal("bearer t")).publisher == "forge"
    assert len(asked) == 1
    clock.now += timedelta(seconds=11)
    with pytest.raises(Problem):
        await known.principal("bearer t")
    assert len(asked) == 2


async def test_many_who_ask_at_once_are_one_look_up() -> None:
    asked: list[bytes] = []

    async def find(key: bytes) -> auth.Principal:
        asked.append(key)
        await asyncio.sleep(0)
        return principal()

    known = auth.Authenticator(find, clock=Clock())
    found = await asyncio.gather(*[known.still("Bearer one", "publish", "acme") for _ in range(100)])
    assert (len(asked), len(set(found))) == (1, 1)


async def test_a_remembered_token_still_ends_at_its_time() -> None:
    async def find(_: bytes) -> auth.Principal | None:
        return principal(expires_at=NOW + timedelta(seconds=5))

    clock = Clock()
    known = auth.Authenticator(find, clock=clock, seconds=60)
    await known.principal("Bearer t")
    clock.now += timedelta(seconds=5)
    with pytest.raises(Problem):
        await known.principal("Bearer t")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda p: p.require("views"), "the token lacks the scope `views`"),
        (lambda p: p.require("publish", "other"), "the token is not for the ledger 'other'"),
    ],
)
def test_what_a_token_does_not_allow_is_named(ask: Callable[[auth.Principal], None], said: str) -> None:
    with pytest.raises(Problem) as raised:
        ask(principal())
    assert raised.value.body.detail == said


def test_a_token_for_any_ledger_may_touch_each() -> None:
    principal(ledgers=("*",)).require("publish", "whichever")
    principal().require("publish", "acme")


@pytest.mark.parametrize(
    ("source", "may"),
    [
        ("https://forge.example/a", True),
        ("https://forge.example.evil/a", False),
        ("urn:exact", True),
        ("urn:exact:more", False),
    ],
)
def test_sources_are_exact_or_prefixes_written_as_such(source: str, may: bool) -> None:
    assert principal().speaks_as(source) is may


async def test_a_flood_of_unknown_tokens_makes_nobody_else_be_forgotten() -> None:
    asked: list[bytes] = []

    async def find(key: bytes) -> auth.Principal | None:
        asked.append(key)
        return principal() if key == auth.hashed("good") else None

    known = auth.Authenticator(find, clock=Clock())
    await known.principal("Bearer good")
    for n in range(5_000):
        with pytest.raises(Problem):
            await known.principal(f"Bearer nobody-{n}")
    await known.principal("Bearer good")
    assert asked.count(auth.hashed("good")) == 1


async def test_what_goes_on_waits_while_nobody_can_tell_whether_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auth, "_PAUSE", 0.01)
    asked = 0

    async def find(_: bytes) -> auth.Principal | None:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ConnectionRefusedError
        if asked == 2:
            raise unavailable("the issuer's keys cannot be had")
        return principal() if asked == 3 else None

    clock = Clock()
    known = auth.Authenticator(find, clock=clock, seconds=10)
    assert (await known.still("Bearer t", "publish", "acme")).publisher == "forge"
    clock.now += timedelta(seconds=11)
    with pytest.raises(Problem) as raised:
        await known.still("Bearer t", "publish", "acme")
    assert (raised.value.kind.status, asked) == (401, 4)


@pytest.mark.parametrize("taken", [{"scopes": frozenset({"views"})}, {"ledgers": ("other",)}])
async def test_what_goes_on_is_refused_once_its_scope_or_ledger_is_taken_away(
    taken: dict[str, object],
) -> None:
    async def find(_: bytes) -> auth.Principal | None:
        return principal(**taken)

    with pytest.raises(Problem) as raised:
        await auth.Authenticator(find, clock=Clock()).still("Bearer t", "publish", "acme")
    assert raised.value.kind.status == 403
