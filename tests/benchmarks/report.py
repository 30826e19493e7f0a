"""A line a bar: ours, the reference, their ratio, and what it must be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Line:
    """One measured bar. `ours` and `reference` hold one figure a run, in `unit`."""

    name: str
    ours: Sequence[float]
    reference: Sequence[float]
    unit: str
    bar: float
    goal: float | None = None
    lower_is_better: bool = False  # then `bar` is the most that `ours` may be, and there is no ratio
    note: str = ""

    @property
    def figure(self) -> float:
        """What is held against the bar: the ratio of medians, or our own median."""
        return median(self.ours) if self.lower_is_better else median(self.ours) / median(self.reference)

    @property
    def holds(self) -> bool:
        return self.figure <= self.bar if self.lower_is_better else self.figure >= self.bar

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "MISSES"
        if self.lower_is_better:
            measured = f"{self.figure:.4g} {self.unit} (at most {self.bar:g})"
        else:
            goal = f", goal {self.goal:g}" if self.goal else ""
            measured = (
                f"{median(self.ours):,.0f} beside {median(self.reference):,.0f} {self.unit}"
                f" = {self.figure:.2f} x (at least {self.bar:g}{goal})"
            )
        return f"{verdict:6} {self.name}: {measured}{'  ' + self.note if self.note else ''}"


def alternating(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Run the measures in turn, `rounds` times, so that a noisy minute hits them alike."""
    runs: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for figures, measure in zip(runs, measures, strict=True):
            figures.append(measure())
    return runs


def percentile(values: Sequence[float], q: float) -> float:
    """The smallest value that at least the part q of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-q * len(ordered) // 1) - 1))]
