"""Bearer tokens of the organisation's own issuer (OIDC): who they are about, if they are what they say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from services.platform.jwks import KeySet, fetching, trusted
from services.platform.settings import Settings, SettingsError

# All check with a public key. `none` and HS*, for which the public key would be the secret, are never taken.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
_LEEWAY = timedelta(seconds=30)
_REQUIRED = ("exp", "iat", "iss", "aud", "sub")


class Untrusted(Exception):
    """The token is not one to believe; the message says why, for the log alone."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a token is about, and until when."""

    issuer: str
    subject: str
    expires_at: datetime


class Verifier:
    """Checks tokens of one issuer for one audience, with algorithms that are fixed beforehand."""

    def __init__(
        self,
        keys: KeySet,
        *,
        issuer: str,
        audience: str,
        algorithms: frozenset[str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._algorithms = algorithms
        self._clock = clock

    async def subject(self, token: str) -> Subject:
        """Whom the token is about. Raises Untrusted; a problem, while the issuer's keys cannot be had."""
        kid, algorithm = self._header(token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise Untrusted(f"the issuer has no key {kid[:100]!r} for {algorithm}")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={
                    "require": list(_REQUIRED),
                    "verify_exp": False,  # by our clock, below
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Untrusted(str(error)) from None
        return self._timely(claims)

    def _header(self, token: str) -> tuple[str, str]:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Untrusted(f"not a token: {error}") from None
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            raise Untrusted(f"the algorithm {str(algorithm)[:100]!r} is not taken")
        if not isinstance(kid, str):
            raise Untrusted("it names no key")
        return kid, algorithm

    def _timely(self, claims: Mapping[str, Any]) -> Subject:
        now = self._clock()
        expires = _instant(claims, "exp", _LEEWAY)
        if expires <= now:
            raise Untrusted(f"it ended at {expires}")
        for name in ("iat", "nbf"):
            if name in claims and _instant(claims, name, -_LEEWAY) > now:
                raise Untrusted(f"its {name} lies ahead")
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject or not subject.isprintable():
            raise Untrusted("its sub is no name")
        return Subject(self._issuer, subject, expires)


def _instant(claims: Mapping[str, Any], name: str, leeway: timedelta) -> datetime:
    given = claims[name]
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise Untrusted(f"its {name} is no number")
    try:
        return datetime.fromtimestamp(given, UTC) + leeway
    except (ValueError, OverflowError, OSError):
        raise Untrusted(f"its {name} is no instant") from None


def verifier(settings: Settings) -> Verifier | None:
    """The verifier the settings ask for; None if they name no issuer. Raises SettingsError."""
    issuer, audience = settings.oidc_issuer, settings.oidc_audience
    if not issuer:
        return None
    if not audience:
        raise SettingsError("LOCUS_OIDC_AUDIENCE is not set; set it to what your issuer writes into `aud`")
    for variable, url in (("ISSUER", issuer), ("JWKS_URL", settings.oidc_jwks_url)):
        if url and not trusted(url):
            raise SettingsError(f"LOCUS_OIDC_{variable} must be https, or on this machine")
    algorithms = frozenset(one.strip() for one in settings.oidc_algorithms.split(","))
    if algorithms - ALGORITHMS:
        unknown = ", ".join(sorted(algorithms - ALGORITHMS))
        raise SettingsError(f"LOCUS_OIDC_ALGORITHMS: {unknown!r} is not of {', '.join(sorted(ALGORITHMS))}")
    keys = KeySet(fetching(issuer, settings.oidc_jwks_url, sorted(algorithms)))
    return Verifier(keys, issuer=issuer, audience=audience, algorithms=algorithms)
