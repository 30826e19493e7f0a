"""`locus publish` and `locus import`: any number of events, in bounded memory, safe to repeat."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import msgspec
import stamina
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from services.client import TROUBLE, Api, Busy, Problem, ledger_api
from services.failures import REFUSED, CommandFailed

_MOST_LINES, _MOST_BYTES = 5_000, 4 * 1024 * 1024
_PATIENCE = 120.0  # seconds without any progress before we give up
_SHOWN = 5  # refusals told in full

Advance = Callable[[int], None]


class Answer(Problem, frozen=True):
    """A line of the answer: a receipt or a problem."""

    position: int | None = None
    duplicate: bool = False


class Summary:
    """What became of the events."""

    def __init__(self) -> None:
        self.new = self.duplicate = self.refused = 0
        self.position = 0  # the highest that a receipt named
        self.problems: list[str] = []

    def count(self, number: int, answer: Answer) -> None:
        """Take the answer to the event with this number (from 1)."""
        if answer.position is None:
            self.refused += 1
            if len(self.problems) < _SHOWN:
                self.problems.append(f"event {number}: {answer.told()}")
            return
        self.position = max(self.position, answer.position)
        self.duplicate += answer.duplicate
        self.new += not answer.duplicate

    @property
    def total(self) -> int:
        """How many events were answered."""
        return self.new + self.duplicate + self.refused

    def told(self) -> str:
        """The summary in one line."""
        return f"{self.new} new, {self.duplicate} known already, {self.refused} refused"


def publish(api: Api, ledger: str, events: Iterator[bytes], summary: Summary, advance: Advance) -> None:
    """Send events (JSON, a line each) in order; whatever has no answer is sent again.

    Sending again is safe: the ledger knows each event by its source and id.
    """
    waiting: deque[tuple[int, bytes]] = deque()
    path = f"/v1/ledgers/{ledger}/events"
    for chunk in _chunks(events):
        waiting.extend(chunk)
        while waiting:
            _exchange(api, path, waiting, summary, advance)
    if not summary.total:
        _exchange(
            api, path, waiting, summary, advance
        )  # nothing to send; the ledger may be unknown all the same


def _exchange(
    api: Api, path: str, waiting: deque[tuple[int, bytes]], summary: Summary, advance: Advance
) -> None:
    """One request with everything that waits, repeated until at least one event was answered."""
    before = len(waiting)
    try:
        for attempt in stamina.retry_context(
            on=(Busy, *TROUBLE), attempts=None, timeout=_PATIENCE, wait_max=2.0
        ):
            with attempt:
                _answers(api, path, waiting, summary, advance)
    except (Busy, *TROUBLE) as error:
        if len(waiting) == before:
            raise api.unreachable(error) from error


def _answers(
    api: Api, path: str, waiting: deque[tuple[int, bytes]], summary: Summary, advance: Advance
) -> None:
    """Answers come in order; one that says "later" ends them, and everything from there on is sent again."""
    for line in api.exchange(path, [event for _, event in waiting]):
        answer = msgspec.json.decode(line, type=Answer)
        if answer.position is None and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Busy(answer.told())
        number, event = waiting.popleft()
        summary.count(number, answer)
        advance(len(event) + 1)
    if waiting:
        raise ConnectionError("the answer ended early")


def _chunks(events: Iterator[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    chunk: list[tuple[int, bytes]] = []
    size = 0
    for numbered in enumerate(events, start=1):
        chunk.append(numbered)
        size += len(numbered[1])
        if len(chunk) >= _MOST_LINES or size >= _MOST_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def ensure_ledger(api: Api, ledger: str) -> bool:
    """Create the ledger unless it exists; whether it was created."""
    try:
        api.post("/v1/ledgers", {"ledger": ledger})
    except CommandFailed as failure:
        if failure.status == HTTPStatus.CONFLICT:
            return False
        raise
    return True


def with_progress(api: Api, ledger: str, events: Iterator[bytes], size: int | None, title: str) -> Summary:
    """Publish beneath a progress bar (bytes of `size`, if known), then tell the outcome."""
    said, shown = Console(highlight=False, markup=False, soft_wrap=True), Console(stderr=True)
    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), _Told(), TimeElapsedColumn()]
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as progress:
        task = progress.add_task(title, total=size, told="")
        summary = Summary()

        def advance(size: int) -> None:
            progress.update(task, advance=size, told=summary.told())

        publish(api, ledger, events, summary, advance)
    for problem in summary.problems:
        said.print(problem, style="red")
    if summary.refused > len(summary.problems):
        said.print(f"… and {summary.refused - len(summary.problems)} more", style="red")
    said.print(f"{title}: {summary.told()}")
    return summary


class _Told(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(str(task.fields["told"]))


def publish_all(
    data: Path | None, ledger: str, events: Iterator[bytes], size: int | None, title: str, *, create: bool
) -> None:
    """A whole verb: find the system, create the ledger if asked to, publish, end with what that means."""
    api = ledger_api(data)
    if create:
        ensure_ledger(api, ledger)
    sys.exit(exit_code(with_progress(api, ledger, events, size, title)))


def exit_code(summary: Summary) -> int:
    """0 if everything is in the ledger, 1 if anything was refused."""
    return REFUSED if summary.refused else 0
