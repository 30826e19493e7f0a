"""The whole organisation as it stands at any second: the one place that plans and stories ask."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from services.connectors.demo.cast import ALIAS, Cast, Team, assemble
from services.connectors.demo.fields import Field, lay_out
from services.connectors.demo.manners import Manner, manners
from services.connectors.demo.rows import Row

# They have a part in a story: chance gives them none beside it.
APART = frozenset(
    {"a-38", "a-39", "a-41", "a-45", "a-46", "a-47", "a-51", "a-52", "a-53", "a-56", "a-57", "a-16", "a-25"}
)


@dataclass(slots=True)
class Organisation:
    """Cast, fields and manners, until `end` (exclusive)."""

    cast: Cast
    fields: dict[str, Field]
    manners: dict[str, Manner]
    end: int
    asked: Counter[str] = field(default_factory=Counter)

    def promptness(self, actor: str) -> float:
        """What part of the usual time this actor takes: those who are asked often have learnt to be quick."""
        self.asked[actor] += 1
        return max(0.05, min(1.0, 18 / self.asked[actor]))

    def row(self, domain: str, at: int) -> Row | None:
        """The row in force, the domain's own or its nearest ancestor's."""
        name: str | None = domain
        while name is not None:
            own = [row for row in self.fields[name].rows if row.since <= at]
            if own and not own[-1].cleared:
                return own[-1]
            name = self.parent(name, at)
        return None

    def same_row(self, domain: str, since: int, until: int) -> bool:
        """Whether nothing about who decides changes in between, nor will be said to have changed."""
        backdated = [row.effective_from or 0 for row in self.fields[domain].rows]
        if any(since < effective <= until for effective in backdated):
            return False
        return self.row(domain, since) is self.row(domain, until)

    def parent(self, domain: str, at: int) -> str | None:
        """Where the domain hangs."""
        moved = self.fields[domain].moved
        return moved[1] if moved and moved[0] <= at else self.fields[domain].parent

    def team(self, domain: str) -> Team:
        """The people whose daily work the domain is."""
        return self.cast.teams[self.fields[domain].team]

    def live(self, holder: str, at: int) -> bool:
        """Whether the holder can take part now."""
        kind, _, id = holder.partition("/")
        if kind == "actor":
            return self.cast.present(id, at)
        body = self.cast.bodies[id]
        return body.formed <= at < body.dissolved

    def somebody(self, domain: str, at: int, rng: Random, but: frozenset[str]) -> str:
        """A member of the domain's team who is there and none of `but`, nor part of a story."""
        people = self.team(domain).people
        for _ in range(40):
            actor = rng.choice(people)
            if actor not in but and actor not in APART and self.cast.present(actor, at):
                return actor
        return self.team(domain).head

    def known_as(self, actor: str, at: int, rng: Random) -> str:
        """The id somebody goes by: one of them has two until they are merged."""
        other, same, merged = ALIAS
        return other if actor == same and at < merged and rng.random() < 0.5 else actor


def organise(people: int, bodies: int, domains: int, end: int, rng: Random) -> Organisation:
    """An organisation of this size with the core's stories in it."""
    cast = assemble(people, bodies)
    fields = lay_out(cast, domains, end, rng)
    known = manners()
    return Organisation(cast, fields, {name: known.get(name, Manner()) for name in fields}, end)
