"""The public keys of an issuer: fetched now and then, by one at a time, and kept while it is away."""

import asyncio
import http.client
import ipaddress
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.platform.problems import unavailable

Key = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey
Keys = Mapping[tuple[str, str], Key]  # by key id and algorithm
Fetch = Callable[[], Awaitable[Keys]]

LARGEST: Final = 256 * 1024  # bytes of a document
FRESH = 600.0  # seconds before keys are fetched again
STALE = 3 * 3600.0  # seconds for which keys serve while the issuer is away
APART = 30.0  # seconds between fetches, whatever is asked for
_MOST_KEYS = 100
_TIMEOUT = 5.0  # seconds for each step of a fetch
_WITHIN = 10.0  # seconds for all of it
_CURVES = {"ES256": 256, "ES384": 384, "ES512": 521}
_SIZES = range(2048, 8193)  # bits of an RSA modulus

_log = structlog.get_logger(__name__)


class Unfetched(Exception):
    """The document cannot be had or is not what it should be; the message says why."""


class KeySet:
    """Keys found by their id. Unknown ids lead to a fetch, but not more often than every `APART` seconds."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Keys = {}
        self._fetched = self._tried = -math.inf
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str, algorithm: str) -> Key | None:
        """The key; None: the issuer has none such. Raises a problem while no keys can be had at all."""
        found = self._keys.get((kid, algorithm))
        age = self._clock() - self._fetched
        if found is None or age > STALE:
            await self._refresh()
        elif age > FRESH:
            self._begin()  # meanwhile, what is known serves
        if self._clock() - self._fetched > STALE:
            raise unavailable("the issuer's keys cannot be had", retry_after=int(APART))
        return self._keys.get((kid, algorithm))

    async def _refresh(self) -> None:
        task = self._begin()
        if task is not None:
            await asyncio.shield(task)  # whoever stops waiting leaves the others their fetch

    def _begin(self) -> asyncio.Task[None] | None:
        """The fetch that runs, or a new one unless the last began just now."""
        if self._fetching is None and self._clock() - self._tried >= APART:
            self._tried = self._clock()
            self._fetching = asyncio.create_task(self._renew())
        return self._fetching

    async def _renew(self) -> None:
        try:
            async with asyncio.timeout(_WITHIN):
                self._keys = await self._fetch()
            self._fetched = self._clock()
        except Exception as error:  # noqa: BLE001 — whatever the issuer sends, what is known serves on
            _log.warning("the issuer's keys cannot be had", reason=repr(error))
        finally:
            self._fetching = None


def fetching(issuer: str, url: str, algorithms: Sequence[str]) -> Fetch:
    """Fetch the keys at `url`, or where the issuer's own document says if it is empty."""
    address = url

    async def fetch() -> Keys:
        nonlocal address
        if not address:
            address = _address(issuer, await asyncio.to_thread(document, _configuration(issuer)))
        return keys(await asyncio.to_thread(document, address), algorithms)

    return fetch


def _configuration(issuer: str) -> str:
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


class _Configuration(msgspec.Struct):
    issuer: str
    jwks_uri: str


def _address(issuer: str, body: bytes) -> str:
    try:
        said = msgspec.json.decode(body, type=_Configuration)
    except msgspec.DecodeError as error:
        raise Unfetched(f"{_configuration(issuer)} is not an issuer's document: {error}") from None
    if said.issuer != issuer:
        raise Unfetched(f"{_configuration(issuer)} is the document of another issuer: {said.issuer[:200]!r}")
    return said.jwks_uri


class _Set(msgspec.Struct):
    keys: list[dict[str, Any]]


def keys(body: bytes, algorithms: Sequence[str]) -> Keys:
    """The keys of a JWKS document that can check signatures of these algorithms. Raises Unfetched.

    An id given twice is nobody's: which of the two was meant, nobody knows.
    """
    try:
        given = msgspec.json.decode(body, type=_Set).keys
    except msgspec.DecodeError as error:
        raise Unfetched(f"not a key set: {error}") from None
    if len(given) > _MOST_KEYS:
        raise Unfetched(f"{len(given)} keys; at most {_MOST_KEYS} are taken")
    ids = [one.get("kid") for one in given]
    found: dict[tuple[str, str], Key] = {}
    for kid, one in zip(ids, given, strict=True):
        if not isinstance(kid, str) or ids.count(kid) > 1 or one.get("use", "sig") != "sig":
            _log.warning("a key of the issuer is left out", kid=str(kid)[:100])
            continue
        for algorithm in algorithms:
            key = _key(one, algorithm)
            if key is not None:
                found[kid, algorithm] = key
    return found


def _key(given: dict[str, Any], algorithm: str) -> Key | None:
    """The key, if it is a public one, strong enough, and of the algorithm; `oct` never is."""
    kind = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}[algorithm[:2]]
    if given.get("kty") != kind or given.get("alg", algorithm) != algorithm or "d" in given:
        return None
    try:
        key = jwt.PyJWK(given, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    match key:
        case RSAPublicKey() if kind == "RSA" and key.key_size in _SIZES:
            return key
        case EllipticCurvePublicKey() if kind == "EC" and key.curve.key_size == _CURVES[algorithm]:
            return key
        case Ed25519PublicKey() if kind == "OKP":
            return key
    return None


def document(url: str) -> bytes:
    """What is at an address; no redirects, no endless answers. Blocks; raises Unfetched."""
    parts = urlsplit(url)
    if not trusted(url):
        raise Unfetched(f"{url[:200]} is neither https nor on this machine")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    until = monotonic() + _WITHIN
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"accept": "application/json"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise Unfetched(f"{url[:200]} answers {answer.status}")
        return _read(answer, until)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unfetched(f"{url[:200]}: {error!r}") from None
    finally:
        connection.close()


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    body = b""
    while piece := answer.read1(65536):
        body += piece
        if len(body) > LARGEST:
            raise Unfetched(f"the document is larger than {LARGEST} bytes")
        if monotonic() > until:
            raise Unfetched("the document takes too long")
    return body


def trusted(url: str) -> bool:
    """Whether what is at the address comes from whom it names: by https, or from this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _loopback(parts.hostname or "")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
