"""Numbers and names in sentences: what is counted agrees with how many there are. Pure."""

from collections.abc import Iterable


class _Number(int):
    """`{n}` is the number, `{n:was|were}` the word that goes with it."""

    def __format__(self, spec: str) -> str:
        one, chosen, many = spec.partition("|")
        if not chosen:
            return super().__format__(spec)
        return one if self == 1 else many


def numbered(words: str, **numbers: int) -> str:
    """Of `{n} {n:decision|decisions}`: `1 decision`, `0 decisions`. `words` are ours, never a publisher's."""
    return words.format(**{name: _Number(number) for name, number in numbers.items()})


def listed(names: Iterable[str], most: int = 6) -> str:
    """`a`, `a and b`, `a, b and c`; the first of many."""
    each = list(names)
    if len(each) > most:
        each = [*each[:most], f"{len(each) - most} more"]
    return " and ".join((", ".join(each[:-1]), each[-1])) if len(each) > 1 else "".join(each)
