"""How much memory there is."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_MINE: Final = Path("/proc/self/cgroup")
_GROUPS: Final = Path("/sys/fs/cgroup")


def memory(mine: Path = _MINE, groups: Path = _GROUPS) -> int:
    """Bytes this process and those beside it may use: of the machine, or of the control groups it is in."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError):
        for limit in _limits(mine.read_text(), groups):
            with suppress(OSError, ValueError):  # there is none, or it says `max`
                found.append(int(limit.read_text()))
    return min(found)


def _limits(mine: str, groups: Path) -> Iterator[Path]:
    """Where the limits are told, in both versions of control groups: that of each group and of all above."""
    for line in mine.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            root, name = (groups / controllers, "memory.limit_in_bytes" if controllers else "memory.max")
            group = Path(path.lstrip("/"))
            yield from (root / one / name for one in (group, *group.parents))
