"""The named commit points, and what the death at each leaves: nothing, or something nobody was told of.

A point is named in the code by `commit_points("…")`, mostly as `self._pass("…")`.
"""

import re
from pathlib import Path

# By point: whether what was to be written is there after the death.
APPEND = {
    "append:before": False,
    "append:after": True,
    "locked:before": False,
    "locked:held": False,
    "locked:after": True,
}
RELAY = {"relay:before-publish": False, "relay:after-publish": True}
WORK = {"work:before-commit": False, "work:after-commit": True}
CHECKPOINT = {"checkpoint:before-keep": False, "checkpoint:kept": True, "checkpoint:stored": True}
WITNESS = {"witness:before-keep": False, "witness:kept": True}
ERASE = {"erase:intent": False, "erase:key-gone": False, "erase:recorded": True}
EPOCH = {"epoch:rewrapped": False, "epoch:destroyed": True}
TESTED = {*APPEND, *RELAY, *WORK, *CHECKPOINT, *WITNESS, *ERASE, *EPOCH}

_PASSED = re.compile(r"_?(?:pass|commit_points?|points|pass_by)\(\s*f?[\"']([^\"']*)[\"']")
_SERVICES = Path(__file__).parents[2] / "services"


def named() -> set[str]:
    """Every commit point that the services name."""
    return {point for path in _SERVICES.rglob("*.py") for point in _PASSED.findall(path.read_text())}
