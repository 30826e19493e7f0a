"""The decisions of one period, put together once for every part of an overview. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from services.projections import measures
from services.projections.evidence import Mark
from services.projections.history import Act, History
from services.projections.measures import UNIT
from services.projections.views.question import LENSES, Lens


class Shares:
    """Whose some decisions were, under both lenses."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.units: dict[Lens, dict[str, int]] = {"node": {}, "seat": {}}
        self._of: dict[Lens, dict[str, list[Act]]] = {lens: defaultdict(list) for lens in LENSES}

    @property
    def n(self) -> int:
        return len(self.acts)

    def add(self, act: Act) -> None:
        self.acts.append(act)
        for lens in LENSES:
            units = self.units[lens]
            for holder, part in of(act, lens).items():
                units[holder] = units.get(holder, 0) + part
                self._of[lens][holder].append(act)

    def share(self, holder: str, lens: Lens) -> float:
        """A holder's part of the decisions, of which there are some."""
        return self.units[lens].get(holder, 0) / (self.n * UNIT)

    def marks(self, holder: str, lens: Lens) -> list[Mark]:
        """The decisions a holder has a part in."""
        return marks(self._of[lens].get(holder, ()))

    def effective(self, lens: Lens) -> float | None:
        """As if so many had decided."""
        return measures.effective_deciders([part for part in self.units[lens].values() if part])


class Sides:
    """Both sides of the decisions under one row."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self._units: dict[Lens, dict[str, list[int]]] = {lens: defaultdict(lambda: [0, 0]) for lens in LENSES}

    def add(self, act: Act) -> None:
        self.acts.append(act)
        for lens in LENSES:
            for holder, part in stated(act, lens).items():
                self._units[lens][holder][0] += part
            for holder, part in of(act, lens).items():
                self._units[lens][holder][1] += part

    def drift(self, lens: Lens) -> float | None:
        return measures.divergence(self._units[lens].values())

    def noise(self, lens: Lens) -> float | None:
        holders = sum(1 for said, _ in self._units[lens].values() if said)
        return measures.noise(holders, len(self.acts))

    def differences(self, lens: Lens) -> list[tuple[float, str]]:
        """Actual less stated share of each holder, the largest first, ties by holder."""
        whole = len(self.acts) * UNIT
        parts = [((actual - said) / whole, holder) for holder, (said, actual) in self._units[lens].items()]
        return sorted(parts, key=lambda one: (-one[0], one[1]))


class PeriodOf:
    """What the acts of a period come to."""

    def __init__(self, acts: Sequence[Act]) -> None:
        self.all = Shares()
        self.by_domain: dict[str, Shares] = defaultdict(Shares)
        self.by_stakes: dict[str, Shares] = defaultdict(Shares)
        self.rows: dict[str, Sides] = defaultdict(Sides)
        self.unknown: list[Act] = []
        self.apart: Counter[str] = Counter()
        self.decided: list[Act] = []
        """All with an outcome that counts, whoever decided."""
        for act in acts:
            self._add(act)

    def _add(self, act: Act) -> None:
        if act.status == "apart":
            self.apart[act.outcome] += 1
            return
        self.decided.append(act)
        if act.status == "unknown":
            self.unknown.append(act)
            return
        for shares in (self.all, self.by_domain[act.home], self.by_stakes[act.stakes or "none"]):
            shares.add(act)
        if act.row_domain is not None and act.stated_node and act.node:
            self.rows[act.row_domain].add(act)

    def drift(self, lens: Lens) -> float | None:
        """The mean over rows, by their decisions."""
        return measures.weighted_mean([(side.drift(lens), len(side.acts)) for side in self.rows.values()])


def of(act: Act, lens: Lens) -> Mapping[str, int]:
    """The actual side of an act."""
    return act.node if lens == "node" else act.seat


def stated(act: Act, lens: Lens) -> Mapping[str, int]:
    """The stated side of an act."""
    return act.stated_node if lens == "node" else act.stated_seat


def marks(acts: Iterable[Act]) -> list[Mark]:
    """The entries of acts."""
    return [(act.at, act.position) for act in acts]


def closeness(history: History, shares: Shares) -> float | None:
    """Authority-weighted depth/(depth + height below), as `authority` gives it; None if nobody has both."""
    places: Counter[tuple[int, int]] = Counter()  # exact, whatever the order
    for act in shares.acts:
        for holder, units in act.seat.items():
            if holder.startswith("actor/"):
                depth, height = history.structure.actors.level(holder[6:], act.at)
                if depth is not None:
                    places[depth, height] += units
    parts = (units * Fraction(depth, depth + height) for (depth, height), units in places.items() if depth)
    return float(sum(parts, Fraction()) / places.total()) if places else None
