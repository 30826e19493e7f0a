"""How long every view takes to answer, as it is known now and as it was known earlier, as a ledger grows."""

import http.client
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.benchmarks.report import Line, percentile
from tests.benchmarks.system import System

CLIENTS: Final = 4
QUESTIONS: Final = 1_000
ENOUGH: Final = 10
"""Once more answers than these took longer than the bar, the 99th percentile of a thousand cannot hold it."""
PATIENCE: Final = 20.0
"""Seconds after which those that take longer than their bar more often than not are asked no more."""
SOON: Final = ("matrix", "remit", "authority", "drift", "flow", "participation", "coordination", "learning",
               "trust", "dossier")  # fmt: skip
LATER: Final = ("influence", "knots", "overview")
WINDOWLESS: Final = ("matrix", "remit", "dossier", *LATER[1:])
LENSED: Final = ("authority", "drift", "influence", "overview")
TENSED: Final = ("authority", "drift", "participation")


class Asked(NamedTuple):
    """How one view answered one ledger's questions. `times` in seconds, one an answer; some were refused."""

    times: Sequence[float]
    refused: int

    def p(self, q: float) -> float:
        """A percentile in milliseconds."""
        return percentile(self.times, q) * 1000


class Asker:
    """Asks over one kept connection and tells how long each answer took."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._headers = {"authorization": f"Bearer {token}"}
        self.status = self.refused = 0

    def ask(self, path: str) -> tuple[float, bytes]:
        """Seconds and body."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        elapsed = time.perf_counter() - started
        self.status = answer.status
        self.refused += answer.status == 503
        told = answer.status in (200, 503) or b":unknown-" in body  # nothing was known of it then
        assert told, (path, body[:500])
        return elapsed, body


class Questions:
    """Paths with a random window, scope, lens, tense and `at`, none twice."""

    def __init__(self, system: System, ledger: str) -> None:
        self._ledger = ledger
        with system.sql("locus") as connection:
            self._first, last, self._head = connection.execute(
                "SELECT min(occurred), max(occurred), max(position) FROM ledger.entries WHERE ledger = %s",
                [ledger],
            ).fetchone() or (None, None, 0)
            named = connection.execute(
                "SELECT kind, array_agg(DISTINCT value) FROM ledger.mentions WHERE ledger = %s GROUP BY kind",
                [ledger],
            ).fetchall()
            decisions = connection.execute(
                "SELECT DISTINCT subject FROM ledger.entries WHERE ledger = %s AND subject ^@ 'decision/'"
                " ORDER BY 1 LIMIT 20000",
                [ledger],
            ).fetchall()
        self._ids: Mapping[str, Sequence[str]] = {kind: sorted(values) for kind, values in named}
        self._decisions = [subject[9:] for (subject,) in decisions]
        self._span = (last - self._first).total_seconds()

    def of(self, view: str, seed: int, *, earlier: bool) -> Iterator[str]:
        """Questions without end; `earlier`: as known before now."""
        chance = random.Random(f"{seed}-{view}-{earlier}")
        asked: set[str] = set()
        while True:
            path = f"{self._path(view, chance)}?{urlencode(self._one(view, chance, earlier=earlier))}"
            if path not in asked:
                asked.add(path)
                yield path

    def _path(self, view: str, chance: random.Random) -> str:
        ledger = f"/v1/ledgers/{self._ledger}"
        if view == "remit":
            return f"{ledger}/actors/{chance.choice(self._ids['actor'])}/remit"
        if view == "dossier":
            return f"{ledger}/decisions/{chance.choice(self._decisions)}"
        return f"{ledger}/{view}"

    def _one(self, view: str, chance: random.Random, *, earlier: bool) -> dict[str, str]:
        moments = [self._first + timedelta(seconds=chance.uniform(0, self._span)) for _ in range(3)]
        start, end, at = (moment.isoformat() for moment in sorted(moments))
        question = {"at": at} if chance.random() < 0.5 else {}
        if earlier:
            question["known_at"] = str(chance.randint(self._head // 10, self._head - 1))
        if view not in WINDOWLESS:
            question |= {"from": start, "to": end}
        if view in LENSED:
            question["lens"] = chance.choice(("node", "seat"))
        if view in TENSED:
            question["tense"] = chance.choice(("made", "standing"))
        if view not in ("remit", "dossier") and chance.random() < (0.8 if view == "matrix" else 0.7):
            question["domain"] = chance.choice(self._ids["domain"])
        return question


def answered(system: System, url: str, paths: Iterator[str], most: float) -> Asked:
    """Ask by four clients at once until a thousand have been answered; fewer if p99 is past `most` already.

    What nothing was known of then is no answer.
    """
    times: list[float] = []
    askers = [Asker(url, system.token) for _ in range(CLIENTS)]
    lock, left, begun = threading.Lock(), [QUESTIONS], time.perf_counter()

    def hopeless() -> bool:
        over = sum(one > most for one in times)
        late = time.perf_counter() - begun > PATIENCE
        return over > ENOUGH or (late and over > len(times) / 2)

    def work(asker: Asker) -> None:
        while True:
            with lock:
                if not left[0] or hopeless():
                    return
                left[0] -= 1
                path = next(paths)
            elapsed, _ = asker.ask(path)
            if asker.status == 404:  # something of which nothing was known then
                left[0] += 1
            else:
                times.append(elapsed)

    threads = [threading.Thread(target=work, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == QUESTIONS - left[0], "some questions were not answered"
    return Asked(times, sum(asker.refused for asker in askers))


class Grown:
    """Every view asked of every ledger, the smallest first."""

    def __init__(self, system: System, url: str, ledgers: Sequence[str]) -> None:
        self._system, self._url, self._ledgers = system, url, ledgers
        self._questions = {ledger: Questions(system, ledger) for ledger in ledgers}
        self._asked: dict[tuple[str, bool, str], Asked] = {}

    def bars(self) -> Iterator[Line]:
        """p99 of every view on the largest ledger, and its growth from the one before."""
        for view in (*SOON, *LATER):
            soon = view in SOON
            for earlier, most in ((False, 0.05 if soon else 1.0), (True, 1.0 if soon else 3.0)):
                if earlier and self._asked[view, False, self._ledgers[-1]].p(0.5) > most * 1000:
                    continue  # as known now it takes longer already, and as known earlier it takes no less
                for ledger in self._ledgers:
                    self._ask(view, ledger, most, earlier=earlier)
                before, last = (self._asked[view, earlier, ledger] for ledger in self._ledgers[-2:])
                yield _line(f"{view}, known {'earlier' if earlier else 'now'}, p99", last, most)
                if soon and not earlier:
                    growth = [last.p(0.99) / before.p(0.99)]
                    note = f"{before.p(0.99):.1f} ms on the ledger a tenth as long"
                    yield Line(
                        f"{view}, growth of p99", growth, [], "x", 1.5, lower_is_better=True, note=note
                    )

    def _ask(self, view: str, ledger: str, most: float, *, earlier: bool) -> None:
        paths = self._questions[ledger].of(view, 3, earlier=earlier)
        asker = Asker(self._url, self._system.token)
        for _ in range(50):  # until what is kept in memory is there
            if asker.ask(next(paths))[0] > most:
                break
        self._asked[view, earlier, ledger] = answered(self._system, self._url, paths, most)

    def table(self) -> str:
        """Milliseconds of every view on every ledger: half, and 99 in 100, took no longer."""
        lines = [f"{'p50 / p99 in ms':<24}" + "".join(f"{ledger:>22}" for ledger in self._ledgers)]
        for view, earlier in dict.fromkeys((view, earlier) for view, earlier, _ in self._asked):
            of = [self._asked[view, earlier, ledger] for ledger in self._ledgers]
            cells = "".join(f"{one.p(0.5):>11,.0f} / {one.p(0.99):<8,.0f}" for one in of)
            lines.append(f"{view + (', earlier' if earlier else ''):<24}{cells}")
        return "\n".join(lines)


def _line(name: str, asked: Asked, most: float) -> Line:
    note = "" if len(asked.times) == QUESTIONS else f"of {len(asked.times)} questions; the rest was not asked"
    note += f"; {asked.refused} refused" if asked.refused else ""
    return Line(name, [asked.p(0.99)], [], "ms", most * 1000, lower_is_better=True, note=note)
