"""What `authority` and `drift` say group by group, in plain loops, without code of services."""

from fractions import Fraction
from typing import Any

from tests.oracle.oracle import COUNTED, STAKES, World, concentration
from tests.oracle.rostered import Roster, spread

Facts = dict[str, Any]
COUNTS = ("inferred", "unknown", "deferred", "returned", "unresolved")


class Grouped:
    """One question, asked of a world under one lens."""

    def __init__(self, world: World, lens: str, question: Facts) -> None:
        self.world, self.lens, self.question = world, lens, question
        self.chosen = world.chosen(**question)
        counted = [act for act in self.chosen if act["outcome"] in COUNTED]
        self.known = [act for act in counted if act["deciders"]]

    # authority

    def authority(self, by: str) -> Facts:
        return {"actor": self.holders, "body": self.bodies, "level": self.levels}.get(by, self.whole)(by)

    def whole(self, by: str) -> Facts:
        """By domain subtree, or by stakes."""
        return {
            key: self.counts(acts) | self.both(acts, {"domain": key} if by == "domain" else {})
            for key, acts in self.groups(by).items()
        }

    def groups(self, by: str) -> dict[str, list[Facts]]:
        if by == "domain":
            keys = {scope for act in self.chosen for scope in act["scopes"] if scope}
            return {key: [act for act in self.chosen if key in act["scopes"]] for key in keys}
        found = {key or "none": [a for a in self.chosen if a["stakes"] == key] for key in (*STAKES, None)}
        return {key: acts for key, acts in found.items() if acts}

    def counts(self, acts: list[Facts]) -> Facts:
        figures = self.world.credit(self.lens, acts)
        return {"decisions": figures["n"]} | {name: figures[name] for name in COUNTS}

    def both(self, acts: list[Facts], narrower: Facts) -> Facts:
        """The concentration under either lens, people compared with their roster; the five largest."""
        roster = Roster(self.world, self.question["start"], self.question["end"]).of(self.question | narrower)
        shares = self.world.credit(self.lens, acts)["shares"]
        largest = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        return {
            "node": self.concentrated(acts, "node", None),
            "seat": self.concentrated(acts, "seat", roster),
            "top": [share for _, share in largest[:5]],
        }

    def concentrated(self, acts: list[Facts], lens: str, roster: set[str] | None) -> Facts:
        shares = self.world.credit(lens, acts)["shares"]
        spreading = spread(shares, roster) if roster is not None else {"gini": None, "people": None}
        return concentration(list(shares.values())) | {
            "holders": len(shares),
            "gini": spreading["gini"],
            "roster": spreading["people"],
        }

    def holders(self, by: str) -> Facts:
        shares = self.world.credit(self.lens, self.known)["shares"]
        return {key: (share, *self.parts(key, self.lens)) for key, share in shares.items()}

    def parts(self, holder: str, lens: str) -> tuple[int, int]:
        """How many decisions somebody has a part in, and of how many of them that was inferred."""
        acts = [act for act in self.known if holder in self.world.actual(act, lens)]
        return len(acts), sum(act["attested"] == "inferred" for act in acts)

    def bodies(self, by: str) -> Facts:
        found = {}
        for key, share in self.world.credit("node", self.known)["shares"].items():
            if key.startswith("body/"):
                acts = [act for act in self.known if key in self.world.actual(act, "node")]
                roster = Roster(self.world, self.question["start"], self.question["end"]).seated(key[5:])
                inside = self.concentrated(acts, "seat", roster)
                found[key[5:]] = (share, *self.parts(key, "node"), inside)
        return found

    def levels(self, by: str) -> Facts:
        found: dict[int, list[Fraction]] = {}
        for act in self.known:
            mine: dict[int, Fraction] = {}
            for key, part in self.world.actual(act, "seat").items():
                depth, _ = self.world.level(key, act["occurred"])
                if depth is not None:
                    mine[depth] = mine.get(depth, Fraction(0)) + part
            for depth, part in mine.items():
                found.setdefault(depth, []).append(part)
        return {depth: (float(sum(parts) / len(self.known)), len(parts)) for depth, parts in found.items()}

    # drift

    def drift(self, by: str) -> Facts:
        if by == "stakes":
            return {key: self.apart(acts) for key, acts in self.groups(by).items()}
        figures = self.world.compare(self.lens, self.chosen)
        if by == "domain":
            return {
                key: (row["n"], self.inferred(self.stated(key)), row["drift"], row["noise"])
                for key, row in figures["rows"].items()
            }
        return self.sides()

    def stated(self, domain: str | None = None) -> list[Facts]:
        """The acts that have both sides, of one row's domain or all."""
        found = []
        for act in self.known:
            row = self.world.row(act["domains"][0], act["occurred"])
            if row and domain in (None, row[0]) and self.world.stated(act, self.lens):
                found.append(act)
        return found

    @staticmethod
    def inferred(acts: list[Facts]) -> int:
        return sum(act["attested"] == "inferred" for act in acts)

    def apart(self, acts: list[Facts]) -> Facts:
        part = Grouped(self.world, self.lens, self.question)
        part.known = [act for act in self.known if act in acts]
        figures, counts = self.world.compare(self.lens, acts), self.counts(acts)
        names = ("drift", "noise", "unstated", "vacant", "unknown", "mandate")
        told = {name: figures[name] for name in names}
        told |= {"decisions": figures["n"], "inferred": self.inferred(part.stated())}
        return told | {name: counts[name] for name in ("deferred", "returned")}

    def sides(self) -> Facts:
        """Of everybody who has either: stated, actual, and their difference."""
        acts = self.stated()
        stated = [self.world.stated(act, self.lens) or {} for act in acts]
        actual = [self.world.actual(act, self.lens) for act in acts]
        found = {}
        for key in {key for one in (*stated, *actual) for key in one}:
            said, done = (float(sum(one.get(key, 0) for one in of) / len(acts)) for of in (stated, actual))
            found[key] = (said, done, done - said)
        return found
