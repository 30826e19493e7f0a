"""Domains: fields of decisions, a tree that can be rearranged."""

from typing import Annotated

from msgspec import Meta

from schemas.types import Data, DomainId, Name, Stakes


class Described(Data, frozen=True, kw_only=True):
    """What both `defined` and `updated` state, whole."""

    name: Name
    parent: Annotated[DomainId, Meta(description="The domain it is part of, and inherits from")] | None = None
    stakes: (
        Annotated[Stakes, Meta(description="What decisions here weigh unless they say otherwise")] | None
    ) = None


class Defined(Described, frozen=True, kw_only=True):
    """A domain began."""


class Updated(Described, frozen=True, kw_only=True):
    """What is stated of a domain, replaced whole: absent means none."""


class Retired(Data, frozen=True, kw_only=True):
    """A domain is no longer used."""

    into: Annotated[DomainId, Meta(description="The domain that takes its decisions over")] | None = None
