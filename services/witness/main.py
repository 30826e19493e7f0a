"""A small witness over HTTP: `POST /add-checkpoint`, and what it saw last, for monitors.

One file a log, named by the hash of its origin, holds the checkpoint cosigned last. It is written before the
cosignature is answered, so that no crash makes the witness forget what it has vouched for.
"""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import structlog
from litestar.types import ASGIApp, HTTPScope, Receive, Send

from services.platform import durable
from services.platform.checkpoint import Checkpoint
from services.platform.faults import CommitPoints, nothing
from services.platform.note import Note, Signature, Signer
from services.witness import rules
from services.witness.rules import Logs, Refused

_LARGEST = 64 * 1024
_TEXT = "text/plain; charset=utf-8"

_log = structlog.get_logger(__name__)


class Witness:
    """Cosigns the checkpoints of the logs it watches. Any number of processes may share a directory."""

    def __init__(
        self,
        signer: Signer,
        logs: Logs,
        directory: Path,
        *,
        now: Callable[[], float],
        commit_points: CommitPoints = nothing,
    ) -> None:
        self._signer = signer
        self._logs = logs
        self._directory = directory
        self._now = now
        self._pass = commit_points
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, body: bytes) -> str:
        """The cosignature line of a checkpoint that has grown from the last one. Raises Refused."""
        request = rules.parse(body)
        signatures = rules.signed_by(request, self._logs)
        path = self._directory / name_of(request.head.origin)
        with durable.locked(self._directory / ".lock"):
            self._check(request, path)
            line = self._signer.sign(request.note.text, int(self._now()))
            kept = _kept(request.note.text, signatures, line)
            # If we crash here, nothing was cosigned and nobody was told: the log asks again.
            self._pass("witness:before-keep")
            durable.replace(path, kept.encode())
        # If we crash here, the log does not know that it was cosigned: it learns the size and asks again.
        self._pass("witness:kept")
        return line.line()

    def latest(self, name: str) -> str | None:
        """The checkpoint cosigned last of the log whose origin has this hash."""
        if name not in {name_of(origin) for origin in self._logs}:
            return None
        try:
            return (self._directory / name).read_text()
        except FileNotFoundError:
            return None

    def _check(self, request: rules.Request, path: Path) -> None:
        kept = self.latest(path.name)
        try:
            rules.check(request, Checkpoint.parse(Note.parse(kept).text) if kept else None)
        except Refused as refused:
            if refused.status == 422:
                # Signed by the log itself: the evidence that it tells two histories.
                _log.critical(
                    "ALARM: a log signed what has not grown from what it signed before",
                    origin=request.head.origin,
                    why=refused.body.strip(),
                    checkpoint=str(request.note),
                    kept=kept,
                )
            raise


def name_of(origin: str) -> str:
    """What a log's file and address are called: the SHA-256 of its origin, in hex."""
    return sha256(origin.encode()).hexdigest()


def app(witness: Witness) -> ASGIApp:
    """The witness as an ASGI application."""

    async def answer(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            status, media_type, text = 200, _TEXT, await _answer(witness, scope, receive)
        except Refused as refused:
            status, media_type, text = refused.status, refused.media_type, refused.body
        except (OSError, ValueError) as error:  # what was kept cannot be read or written: vouch for nothing
            _log.critical("ALARM: the witness cannot keep what it cosigns", error=repr(error))
            status, media_type, text = 500, _TEXT, "the witness cannot keep what it cosigns\n"
        body = text.encode()
        headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return answer


async def _answer(witness: Witness, scope: HTTPScope, receive: Receive) -> str:
    method, parts = scope["method"], scope["path"].strip("/").split("/")
    match method, parts:
        case "POST", ["add-checkpoint"]:
            body = await _body(receive)
            return await asyncio.to_thread(witness.add, body)
        case "GET", ["health", "live" | "ready"]:
            return "ok\n"
        case "GET", [name, "checkpoint"]:
            kept = await asyncio.to_thread(witness.latest, name)
            if kept is not None:
                return kept
    raise Refused(404, "there is POST /add-checkpoint and GET /<SHA-256 of the origin>/checkpoint\n")


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "the request ended early\n")
        body += message["body"]
        if len(body) > _LARGEST:
            raise Refused(400, f"more than {_LARGEST} bytes\n")
        if not message["more_body"]:
            return body


async def _live(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def _kept(text: str, signatures: list[Signature], line: Signature) -> str:
    """What is kept of a checkpoint. BadNote: it could not be read again, for good."""
    kept = str(Note(text, (*signatures, line)))
    Note.parse(kept)
    return kept
