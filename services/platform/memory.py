"""How much memory there is."""

import os
from contextlib import suppress
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def memory(groups: Path = _GROUPS) -> int:
    """Bytes this process and those beside it may use: those of the machine, or of the groups it is put in."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError):
        mine = groups / Path("/proc/self/cgroup").read_text().rpartition("::")[2].strip().lstrip("/")
        for group in (mine, *mine.parents):
            with suppress(OSError, ValueError):  # there is none, or it says `max`
                found.append(int((group / "memory.max").read_text()))
    return min(found)
