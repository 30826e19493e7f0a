"""Requests that are answered without a task: what the server and an application say to each other."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from litestar.types import Scope


class Answer(NamedTuple):
    """A whole HTTP answer; `fields` are its headers, each on one line, with names in lower case."""

    status: int
    fields: list[tuple[bytes, bytes]]
    body: bytes


Reply = Callable[[Answer], None]  # once, now or later


class Prompt(Protocol):
    """An ASGI application that can take some requests promptly."""

    def promptly(self, scope: Scope, body: bytes, reply: Reply) -> bool:
        """Take this request, which is here whole, and `reply` in time; False: nothing was done, call it."""
