"""How much memory a process may count on."""

import os
from pathlib import Path

import pytest

from services.platform.memory import memory

WHOLE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("mine", "said", "expected"),
    [
        ("0::/a/b", {}, WHOLE),
        ("0::/a/b", {"a/b/memory.max": "max"}, WHOLE),
        ("0::/a/b", {"a/b/memory.max": "1048576"}, 1 << 20),
        ("0::/a/b", {"a/b/memory.max": str(WHOLE * 2)}, WHOLE),
        ("0::/a/b", {"a/b/memory.max": "max", "a/memory.max": "2097152"}, 2 << 20),
        ("0::/", {"memory.max": "2097152"}, 2 << 20),
        ("0::/a/b", {"a/c/memory.max": "1"}, WHOLE),
        ("4:memory:/a\n0::/", {"memory/a/memory.limit_in_bytes": "4096"}, 4096),
        ("4:memory:/of/the/host", {"memory/memory.limit_in_bytes": "8192"}, 8192),
        ("3:cpu:/a\n0::/", {"cpu/a/memory.max": "1"}, WHOLE),
    ],
)
def test_no_more_than_the_machine_or_its_groups_have(
    tmp_path: Path, mine: str, said: dict[str, str], expected: int
) -> None:
    (tmp_path / "mine").write_text(mine + "\n")
    for path, limit in said.items():
        file = tmp_path / "groups" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limit + "\n")
    assert memory(tmp_path / "mine", tmp_path / "groups") == expected


def test_where_there_are_no_groups_it_is_all_there_is(tmp_path: Path) -> None:
    assert memory(tmp_path / "none") == WHOLE
