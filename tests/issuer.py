"""An issuer of tokens on this machine: its documents over HTTP, its keys, the tokens it signs."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "locus"
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
_WRITES: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def public(algorithm: str, kid: str | None = None, **more: Any) -> dict[str, Any]:
    """A public key as it stands in a key set; its id is that of the algorithm."""
    written = _WRITES[algorithm].to_jwk(KEYS[algorithm].public_key(), as_dict=True)
    return {**written, "kid": kid or algorithm, "use": "sig", **more}


class Issuer:
    """What it serves can be changed; `fetched` counts how often its keys were asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: bytes = json.dumps({"keys": [public(one) for one in KEYS]}).encode()
        self.configuration: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}/keys"}
        self.status = 200
        self.fetched = 0

    def token(
        self, algorithm: str = "RS256", *, kid: str | None = None, key: Any = None, **claims: Any
    ) -> str:
        """A token it signs; a claim that is None is left out."""
        now = int(time.time())
        said = {"iss": self.url, "aud": AUDIENCE, "sub": "robot", "iat": now, "nbf": now, "exp": now + 300}
        said = {name: value for name, value in (said | claims).items() if value is not None}
        return jwt.encode(said, key or KEYS[algorithm], algorithm, headers={"kid": kid or algorithm})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer that serves until the end."""
    issuer: Issuer

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/openid-configuration"):
                body = json.dumps(issuer.configuration).encode()
            else:
                issuer.fetched += 1
                body = issuer.keys
            self.send_response(issuer.status)
            self.send_header("location", "/keys")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # whoever asked has read enough

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
