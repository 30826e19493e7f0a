"""Read a clone of python/peps: who decided about Python since 2000, as its own history shows it.

`read(path)` folds the headers of all PEPs over every commit reachable from HEAD (all parents of merges, no
other ref) into events. A PEP's number is its subject: `initiative/pep-0572`, `decision/pep-0572`. Only what
a commit changes of a header counts, so moves of files, conversions and rewrites of prose say nothing.

What is said
- `initiative.proposed` when the PEP appears; `paused` and `resumed` around Deferred; `withdrawn` when the
  status says so, or another took its place before it was decided, or it was a joke; taken back if it is
  taken up again. The authors named first proposed it, those added later `joined`, in the place of others
  too: two names that are not alike are two people.
- `decision.made` when the status turns Accepted, Rejected, Provisional, Active (a process) or Final where
  no acceptance stands; so Provisional to Final is made anew, and Accepted to Final is `executed`. Back to
  an open status is `reopened` (by whoever wrote that), the opposite outcome `overridden`. A rejection later
  marked Withdrawn stays what it was: a header that stood; the initiative is withdrawn as well. `superseded`
  when Superseded-By names a PEP, if it was decided. The status is read past its misspellings; one that
  cannot be read changes nothing. An Informational PEP that is Active is in force without having been
  decided: it stays open work.
- `consultation.requested` about the initiative, which is there before any decision, for Discussions-To, and
  for each full date of Post-History; a date that the header no longer gives was wrong.
- `mandate.delegated` for BDFL- or PEP-Delegate, scoped to the initiative, when stated, from who could lend
  then; `effective_from` the decision if that was earlier. Named in the interregnum, it is in force once there
  is a council.
- The council's seats come from the results in the election PEPs 8100 and following.

Who decided: the delegate; else the BDFL before his resignation; else, from its first day, the council. In
between nobody is known to have. PEPs 8010 to 8016 were decided by vote of the core developers. Who
committed is never who decided. How that is known (`attested`): *recorded*, if Resolution says where it was
announced (or it was voted on); *observed*, if the header names a delegate but no resolution; *inferred*,
from the era alone.

When: the full date written beside the Resolution, as it is written, even if misprinted (a month in a link
is none, and a date before the previous word on the PEP belongs to that one); else when the commit was made,
which is when the repository came to say so. An author's date differs in a few commits, and may be the
draft's.

Headers rewritten later restate: a type or topic moves the PEP's domains, a resolution or delegate completes
the decision that stands, a date its link, Provisional (a status only since 2018) words an acceptance
otherwise, a header said to be an April fool's joke was none. A number given to another proposal (other
people, another title) takes back all that was said of the first, and the other is proposed then. A name put
in the place of another that is like it is that person's by now. That is `event.corrected`,
`event.retracted` or `actor.merged`, with ids from the restating commit; all other ids are from the commit
that first showed the fact. As each event depends on the commits before it alone, a newer clone adds to what
an older one published and never contradicts it. (Two branches that both decided a PEP made one decision,
first told as the first parent saw it and corrected, where they met, to the earlier of both; a clone from the
other, before they met, would not agree. That happened twice, for hours, in May 2012.)
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from services.connectors.peps.authority import ELECTIONS, frame, terms
from services.connectors.peps.facts import SOURCE, told
from services.connectors.peps.git import Blobs, UnreadableClone, commits
from services.connectors.peps.headers import Header, elected, header
from services.connectors.peps.history import Version, line, trace
from services.connectors.peps.people import People
from services.connectors.peps.reading import readings
from services.connectors.peps.story import story

__all__ = ["SOURCE", "UnreadableClone", "read"]

LEDGER = "python"  # unless another is named


def read(path: str | Path) -> Iterator[dict[str, Any]]:
    """Every event of the clone at `path`, as structured CloudEvents, by when the history showed it.

    The same clone gives the same events, ids and order; a newer clone gives those and more. Raises
    UnreadableClone, at the first event, if `path` is no clone of them or not a whole one.
    """
    log = commits(Path(path))
    with Blobs(Path(path)) as blobs:
        last = trace(log, partial(_header, blobs))
    if not last:
        raise UnreadableClone(f"{path} holds no PEP: it is no clone of python/peps")
    lines = {number: list(line(version)) for number, version in sorted(last.items())}
    everything = sorted((version for versions in lines.values() for version in versions), key=_place)
    people = People()
    framing = frame(people, max(commit.time for commit in log))
    resolved = readings(everything, people)
    results = [version for version in everything if version.number in ELECTIONS and version.header.elected]
    stories = [story(versions, resolved) for versions in lines.values()]
    yield from told([framing, people.account, terms(results, resolved), *stories])


def _header(blobs: Blobs, number: int, blob: str) -> Header | None:
    text = blobs.text(blob)
    found = header(text)
    if found is not None and number in ELECTIONS:
        return msgspec.structs.replace(found, elected=elected(text))
    return found


def _place(version: Version) -> int:
    return version.place
