"""Initiatives: somebody set out to change something."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.types import ActorId, BodyId, Data, Holder, Holders, HomeDomains, Link, Name, Reason, Stakes


class Proposed(Data, frozen=True, kw_only=True):
    """An initiative was put forward."""

    title: Name
    domains: HomeDomains
    proposers: Annotated[Holders, Meta(description="Who put it forward; empty if unknown")]
    body: Annotated[BodyId, Meta(description="The body it belongs to")] | None = None
    stakes: Stakes | None = None
    ref: Link | None = None


class Revised(Data, frozen=True, kw_only=True):
    """The proposal changed."""

    ref: Link | None = None


class Joined(Data, frozen=True, kw_only=True):
    """Somebody took part."""

    actor: ActorId
    as_: Literal["sponsor", "steward", "contributor"] = msgspec.field(name="as")


class Started(Data, frozen=True, kw_only=True):
    """Work began."""


class Paused(Data, frozen=True, kw_only=True):
    """Work stopped for now."""

    reason: Reason
    waiting_on: Annotated[Holder, Meta(description="Whom it waits for")] | None = None


class Resumed(Data, frozen=True, kw_only=True):
    """Work went on."""


class Completed(Data, frozen=True, kw_only=True):
    """The initiative ended by being done."""

    outcome: Literal["succeeded", "partial", "failed"] | None = None


class Withdrawn(Data, frozen=True, kw_only=True):
    """The initiative ended without being done."""

    reason: Reason | None = None
