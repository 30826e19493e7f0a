"""What this process remembers of subjects, so that an append needs no look at the database first."""

from services.ledger.moment import Subject

Key = tuple[int, str]  # the lane's epoch and the subject


class Memory:
    """The subjects used last, between `most` and twice as many: two generations, the older dropped whole."""

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._recent: dict[Key, Subject] = {}
        self._older: dict[Key, Subject] = {}

    def get(self, epoch: int, name: str) -> Subject | None:
        return self._recent.get((epoch, name)) or self._older.get((epoch, name))

    def put(self, epoch: int, subjects: dict[str, Subject]) -> None:
        if len(self._recent) > self._most:
            self._recent, self._older = {}, self._recent
        self._recent.update({(epoch, name): subject for name, subject in subjects.items()})
