"""Tokens of an issuer: whom they are about if all is well, and every way in which it is not."""

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.platform import jwks
from services.platform.jwks import KeySet, Unfetched, fetching
from services.platform.oidc import Untrusted, Verifier, verifier
from services.platform.problems import Problem
from services.platform.settings import Settings, SettingsError
from tests.issuer import AUDIENCE, KEYS, Issuer, issuing, public

ALGORITHMS = ["ES256", "EdDSA", "RS256"]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def checking(issuer: Issuer, clock: Clock | None = None) -> Verifier:
    keys = KeySet(fetching(issuer.url, "", ALGORITHMS), **({"clock": clock} if clock else {}))
    return Verifier(keys, issuer=issuer.url, audience=AUDIENCE, algorithms=frozenset(ALGORITHMS))


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_token_the_issuer_signed_is_about_its_subject(issuer: Issuer, algorithm: str) -> None:
    told = await checking(issuer).subject(issuer.token(algorithm))
    assert (told.issuer, told.subject) == (issuer.url, "robot")
    assert timedelta(0) < told.expires_at - datetime.now(UTC) <= timedelta(seconds=331)


async def test_an_audience_among_several_will_do(issuer: Issuer) -> None:
    assert (await checking(issuer).subject(issuer.token(aud=["x", AUDIENCE]))).subject == "robot"


NOW = int(datetime.now(UTC).timestamp())


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another"}, "Audience doesn't match"),
        ({"iss": "https://evil.example"}, "Invalid issuer"),
        ({"exp": NOW - 60}, "it ended at"),
        ({"nbf": NOW + 86_400}, "its nbf lies ahead"),
        ({"iat": NOW + 86_400}, "its iat lies ahead"),
        ({"exp": 1e300}, "its exp is no instant"),
        ({"exp": 253402300799}, "its exp is no instant"),  # the last second there is, and the first
        ({"iat": -62135596800}, "its iat is no instant"),
        ({"exp": "tomorrow"}, "its exp is no number"),
        ({"sub": ""}, "its sub is no name"),
        ({"sub": 7}, "Subject must be a string"),
        *[({name: None}, f'missing the "{name}" claim') for name in ("exp", "iat", "iss", "aud", "sub")],
    ],
)
async def test_claims_that_are_not_as_they_should_be(
    issuer: Issuer, claims: dict[str, Any], why: str
) -> None:
    with pytest.raises(Untrusted, match=why):
        await checking(issuer).subject(issuer.token(**claims))


@pytest.mark.parametrize("named", ["none", "None", "nOnE", "HS256", "RS1", "", None, 7, ["RS256"]])
async def test_no_other_algorithm_is_taken(issuer: Issuer, named: Any) -> None:
    _, claims, _ = issuer.token().split(".")
    for signature in ("", "AAAA"):
        with pytest.raises(Untrusted, match=r"is not taken|not a token"):
            await checking(issuer).subject(f"{part({'alg': named, 'kid': 'RS256'})}.{claims}.{signature}")
    assert issuer.fetched == 0


async def test_a_public_key_is_no_secret_for_a_mac(issuer: Issuer) -> None:
    pem = KEYS["RS256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header, claims, _ = issuer.token().split(".")
    header = part({"alg": "HS256", "kid": "RS256", "typ": "JWT"})
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = base64.urlsafe_b64encode(mac.sign(f"{header}.{claims}".encode(), pem)).rstrip(b"=").decode()
    with pytest.raises(Untrusted, match="'HS256' is not taken"):
        await checking(issuer).subject(f"{header}.{claims}.{signature}")


@pytest.mark.parametrize(("named", "kid"), [("RS256", "ES256"), ("ES256", "RS256"), ("EdDSA", "ES256")])
async def test_a_key_serves_for_its_own_algorithm_alone(issuer: Issuer, named: str, kid: str) -> None:
    with pytest.raises(Untrusted, match="the issuer has no key"):
        await checking(issuer).subject(issuer.token(named, kid=kid))


async def test_a_token_signed_by_another_or_changed_is_refused(issuer: Issuer) -> None:
    other = rsa.generate_private_key(65537, 2048)
    with pytest.raises(Untrusted, match="Signature verification failed"):
        await checking(issuer).subject(issuer.token(key=other))
    header, _, signature = issuer.token().split(".")
    claims = issuer.token(sub="somebody-else").split(".")[1]
    with pytest.raises(Untrusted, match="Signature verification failed"):
        await checking(issuer).subject(f"{header}.{claims}.{signature}")


@pytest.mark.parametrize("token", ["..", "a.b.c", "\ud83d\ude00.a.b", f"{part([1])}.e30.", "e30.e30.AAAA"])
async def test_what_is_no_token_is_refused(issuer: Issuer, token: str) -> None:
    with pytest.raises(Untrusted):
        await checking(issuer).subject(token)


async def test_a_flood_of_unknown_key_ids_reaches_the_issuer_once_a_window(issuer: Issuer) -> None:
    clock = Clock()
    checks = checking(issuer, clock)
    flood = [checks.subject(issuer.token(kid=f"unknown-{number}")) for number in range(200)]
    answers = await asyncio.gather(*flood, return_exceptions=True)
    assert {str(one)[:22] for one in answers} == {"the issuer has no key "}
    assert issuer.fetched == 1
    clock.now += jwks.APART - 1
    with pytest.raises(Untrusted):
        await checks.subject(issuer.token(kid="unknown"))
    assert issuer.fetched == 1
    clock.now += 2
    await asyncio.gather(*[checks.subject(issuer.token(kid="x")) for _ in range(50)], return_exceptions=True)
    assert issuer.fetched == 2


async def test_a_new_key_is_found_without_a_restart(issuer: Issuer) -> None:
    clock = Clock()
    checks = checking(issuer, clock)
    await checks.subject(issuer.token())
    issuer.keys = json.dumps({"keys": [public("RS256", "next")]}).encode()
    clock.now += jwks.APART
    assert (await checks.subject(issuer.token(kid="next"))).subject == "robot"
    with pytest.raises(Untrusted):  # the key that is gone serves no more
        await checks.subject(issuer.token())


async def test_known_keys_serve_for_a_while_when_the_issuer_is_away(issuer: Issuer) -> None:
    clock = Clock()
    checks = checking(issuer, clock)
    await checks.subject(issuer.token())
    issuer.status = 500
    clock.now += jwks.STALE - 1
    assert (await checks.subject(issuer.token())).subject == "robot"
    clock.now += jwks.APART
    with pytest.raises(Problem) as raised:
        await checks.subject(issuer.token())
    assert (raised.value.kind.status, raised.value.headers["retry-after"]) == (503, "30")


async def test_whoever_stops_waiting_leaves_the_others_their_fetch(issuer: Issuer) -> None:
    checks = checking(issuer)
    first, second = (asyncio.create_task(checks.subject(issuer.token())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).subject == "robot"


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (b" " * (jwks.LARGEST + 1), "larger than"),
        (b"{", "not a key set"),
        (b'{"keys": 7}', "not a key set"),
        (json.dumps({"keys": [{"kid": str(number)} for number in range(101)]}).encode(), "101 keys"),
    ],
)
async def test_a_key_set_that_is_not_one_is_not_taken(issuer: Issuer, keys: bytes, why: str) -> None:
    issuer.keys = keys
    with pytest.raises(Unfetched, match=why):
        await fetching(issuer.url, "", ALGORITHMS)()


async def test_redirects_are_not_followed(issuer: Issuer) -> None:
    issuer.status = 302
    with pytest.raises(Unfetched, match="answers 302"):
        await fetching(issuer.url, f"{issuer.url}/elsewhere", ALGORITHMS)()


async def test_the_document_of_another_issuer_is_not_taken(issuer: Issuer) -> None:
    issuer.configuration["issuer"] = "https://evil.example"
    with pytest.raises(Unfetched, match="another issuer"):
        await fetching(issuer.url, "", ALGORITHMS)()
    issuer.configuration = {"issuer": issuer.url, "jwks_uri": "http://keys.example/jwks"}
    with pytest.raises(Unfetched, match="neither https nor on this machine"):
        await fetching(issuer.url, "", ALGORITHMS)()


@pytest.mark.parametrize(
    "given",
    [
        [public("RS256"), public("RS256")],
        [public("RS256"), public("ES256", "RS256")],
        [public("RS256", use="enc")],
        [public("RS256", alg="RS512")],
        [{"kty": "oct", "k": "AAAA", "kid": "RS256"}],
        [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "RS256"}],
        [{"kty": "RSA", "kid": "RS256"}],
        [{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "RS256"}],
    ],
)
def test_a_key_that_is_given_twice_or_is_no_good_is_left_out(given: list[dict[str, Any]]) -> None:
    assert jwks.keys(json.dumps({"keys": given}).encode(), ALGORITHMS) == {}


def test_one_bad_key_leaves_the_others() -> None:
    given = [{"kty": "RSA"}, public("RS256"), public("EdDSA"), {"kty": "magic", "kid": "x"}]
    found = jwks.keys(json.dumps({"keys": given}).encode(), ALGORITHMS)
    assert set(found) == {("RS256", "RS256"), ("EdDSA", "EdDSA")}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"oidc_issuer": "https://i.example"}, "LOCUS_OIDC_AUDIENCE is not set"),
        ({"oidc_issuer": "http://i.example", "oidc_audience": "a"}, "LOCUS_OIDC_ISSUER must be https"),
        (
            {"oidc_issuer": "https://i.example", "oidc_audience": "a", "oidc_jwks_url": "ftp://i.example"},
            "LOCUS_OIDC_JWKS_URL must be https",
        ),
        *[
            (
                {"oidc_issuer": "https://i.example", "oidc_audience": "a", "oidc_algorithms": f"RS256,{one}"},
                "LOCUS_OIDC_ALGORITHMS",
            )
            for one in ("none", "HS256", "", "rs256")
        ],
    ],
)
def test_settings_that_would_not_protect_are_refused(given: dict[str, str], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        verifier(Settings(**given))  # type: ignore[arg-type]  # fields by name


def test_without_an_issuer_there_is_nothing_to_verify() -> None:
    assert verifier(Settings()) is None
