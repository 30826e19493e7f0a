"""Who there is: merges, liveness, and who answers to whom, at any instant."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from services.projections.facts.actors import Absence, Merge, Profile
from services.projections.facts.fact import FOREVER

Span: TypeAlias = tuple[datetime, datetime]


class Level(NamedTuple):
    """An actor's place in the lines of reporting: steps below the top, and the longest line below."""

    depth: int | None
    height: int


class Actors:
    """Profiles, absences and merges as known at one position; answers name ids that stand after merges."""

    def __init__(self) -> None:
        self._profiles: dict[str, list[Profile]] = defaultdict(list)
        self._absences: dict[str, set[Absence]] = defaultdict(set)
        self._merges: dict[str, str] = {}
        self._merged: dict[str, Merge] = {}
        self._standing: dict[str, str] = {}  # every merged id, and who stands for it
        self._holders: dict[str, str] = {}  # the same as subjects
        self._members: dict[str, tuple[str, ...]] = {}
        self._away: dict[str, tuple[Span, ...]] = {}  # only of those who were ever away
        self._reports: dict[str, set[str]] = defaultdict(set)  # whoever reported to them at some time
        self._edges: list[datetime] = []  # every instant at which lines of reporting may change
        self._levels: dict[tuple[str, int], Level] = {}
        self._everyone: dict[str, datetime] | None = None

    def set_profile(self, profile: Profile, *, known: bool) -> None:
        if known:
            insort(self._profiles[profile.actor], profile, key=_order)
            self._note_report(profile)
        else:
            self._profiles[profile.actor].remove(profile)
        self._everyone = None
        self._edge(profile.valid_from)

    def set_absence(self, absence: Absence, *, known: bool) -> str:
        """Returns the actor whose liveness changed, as it stands after merges."""
        spans = self._absences[absence.actor]
        if known:
            spans.add(absence)
        else:
            spans.discard(absence)
        actor = self.who(absence.actor)
        self._settle_away(actor)
        self._edge(absence.valid_from)
        self._edge(absence.valid_to)
        return actor

    def set_merge(self, merge: Merge, *, known: bool) -> None:
        if known:
            self._merges[merge.actor] = merge.into
            self._merged[merge.actor] = merge
        elif self._merges.get(merge.actor) == merge.into:
            del self._merges[merge.actor], self._merged[merge.actor]
        self._standing = _standing(self._merges)
        self._holders = {f"actor/{one}": f"actor/{other}" for one, other in self._standing.items()}
        members = defaultdict(list)
        for actor, standing in self._standing.items():
            members[standing].append(actor)
        self._members = {standing: tuple(merged) for standing, merged in members.items()}
        self._resettle()

    def _resettle(self) -> None:
        self._everyone = None
        self._away.clear()
        for actor in self._absences:
            self._settle_away(self.who(actor))
        self._reports.clear()
        for profiles in self._profiles.values():
            for profile in profiles:
                self._note_report(profile)
        self._levels.clear()

    def who(self, actor: str) -> str:
        """The id that stands for this one after merges."""
        return self._standing.get(actor, actor)

    def holder(self, holder: str) -> str:
        """The same for a holder written as a subject."""
        return self._holders.get(holder, holder)

    def merge(self, actor: str) -> Merge | None:
        """How this id came to stand for another, if it did."""
        return self._merged.get(actor)

    def absences(self, actor: str) -> list[Absence]:
        """The departures of an actor as it stands after merges, by any of its ids, in order of time."""
        found = [absence for member in self.group(actor) for absence in self._absences.get(member, ())]
        return sorted(found, key=lambda absence: (absence.valid_from, absence.position))

    def away(self, actor: str) -> tuple[Span, ...]:
        """When the actor, as it stands after merges, had left."""
        return self._away.get(actor, ())

    def ever_away(self) -> Iterable[str]:
        """Whoever had left at some time, as they stand after merges."""
        return self._away.keys()

    def profiles(self, actor: str) -> Sequence[Profile]:
        """All that was ever stated of the id that stands, in order of time."""
        return tuple(self._profiles.get(actor, ()))

    def live(self, actor: str, at: datetime) -> bool:
        spans = self._away.get(actor)
        return spans is None or not any(start <= at < end for start, end in spans)

    def profile(self, actor: str, at: datetime) -> Profile | None:
        """What is known of the actor at that instant; the profile is the one of the id that stands."""
        profiles = self._profiles.get(actor)
        if not profiles:
            return None
        if profiles[-1].valid_from <= at:  # the question most often asked
            return profiles[-1]
        place = bisect_right(profiles, at, key=_valid_from)
        return profiles[place - 1] if place else None

    def registered(self, actor: str) -> datetime | None:
        """When it, or any id merged into it, was first heard of in a profile."""
        firsts = [
            self._profiles[member][0].valid_from for member in self.group(actor) if self._profiles.get(member)
        ]
        return min(firsts, default=None)

    def everyone(self) -> Mapping[str, datetime]:
        """Every actor with a profile, as it stands after merges, and when it was registered."""
        if self._everyone is None:
            known = {self.who(actor) for actor, profiles in self._profiles.items() if profiles}
            self._everyone = {actor: at for actor in known if (at := self.registered(actor)) is not None}
        return self._everyone

    def superior(self, actor: str, at: datetime) -> str | None:
        profile = self.profile(actor, at)
        return None if profile is None or profile.reports_to is None else self.who(profile.reports_to)

    def reports(self, actor: str, at: datetime) -> list[str]:
        """Who answers to this actor directly: registered, not left."""
        return [
            report
            for report in self._reports.get(actor, ())
            if self.live(report, at) and self.superior(report, at) == actor
        ]

    def changes(self, after: datetime) -> Iterator[datetime]:
        """Every instant after another at which who is there, or who answers to whom, may change."""
        for place in range(bisect_right(self._edges, after), len(self._edges)):
            yield self._edges[place]

    def level(self, actor: str, at: datetime) -> Level:
        """Depth (0 = top, None in a cycle or where nobody is above or below) and height at that instant."""
        key = (actor, bisect_right(self._edges, at))
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = self._measure(actor, at)
        return level

    def _measure(self, actor: str, at: datetime) -> Level:
        depth, seen, above = 0, {actor}, self.superior(actor, at)
        while above is not None:
            if above in seen:
                return Level(None, 0)
            seen.add(above)
            depth, above = depth + 1, self.superior(above, at)
        height = self._height(actor, at)
        return Level(None, 0) if depth == height == 0 else Level(depth, height)

    def _height(self, actor: str, at: datetime) -> int:
        height, rank = -1, [actor]
        while rank:
            height += 1
            rank = [report for superior in rank for report in self.reports(superior, at)]
        return height

    def group(self, actor: str) -> tuple[str, ...]:
        """Every id this one stands for, itself included."""
        return self._members.get(actor, (actor,))

    def _note_report(self, profile: Profile) -> None:
        if profile.reports_to is not None and self.who(profile.actor) == profile.actor:
            self._reports[self.who(profile.reports_to)].add(profile.actor)

    def _edge(self, instant: datetime) -> None:
        place = bisect_left(self._edges, instant)
        if place == len(self._edges) or self._edges[place] != instant:
            self._edges.insert(place, instant)
        self._levels.clear()

    def _settle_away(self, actor: str) -> None:
        """Joins the departures and returns of all merged ids; the last at or before an instant decides.

        Who turned out to be two may leave twice, without a return between: they were away all along.
        """
        turns: list[tuple[datetime, int, bool]] = []
        for member in self.group(actor):
            for absence in self._absences.get(member, ()):
                turns.append((absence.valid_from, absence.position, True))
                if absence.returned_position is not None:
                    turns.append((absence.valid_to, absence.returned_position, False))
        spans: list[Span] = []
        turns.sort()
        for place, (start, _, left) in enumerate(turns):
            end = turns[place + 1][0] if place + 1 < len(turns) else FOREVER
            if left and start < end:
                on = bool(spans) and spans[-1][1] == start
                spans.append((spans.pop()[0] if on else start, end))
        if spans:
            self._away[actor] = tuple(spans)
        else:
            self._away.pop(actor, None)


def _order(profile: Profile) -> tuple[datetime, int]:
    return profile.valid_from, profile.position


def _valid_from(profile: Profile) -> datetime:
    return profile.valid_from


def _standing(merges: dict[str, str]) -> dict[str, str]:
    """Follows chains of merges to their end; in a cycle the smallest id stands for all."""
    standing = {}
    for actor in merges.keys() | merges.values():
        path = [actor]
        while (into := merges.get(path[-1])) is not None and into not in path:
            path.append(into)
        standing[actor] = path[-1] if into is None else min(path[path.index(into) :])
    return standing
