"""Numbers in sentences: what is counted agrees with how many there are. Pure."""


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
