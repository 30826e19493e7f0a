"""Words of others on the way to a terminal: nothing in them steers it."""

import io
import json
import re
import sys
from typing import Any

_STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text without what would steer the terminal it is shown on."""
    return _STEERING.sub("\ufffd", text)


def for_programs(written: bytes) -> bytes:
    """What programs are given as it is; a terminal is shown it without what would steer it."""
    if not sys.stdout.isatty():
        return written
    return printable(written.decode(errors="replace").replace("\r\n", "\n")).encode()


def json_text(answer: Any, indent: int | None = None) -> str:
    """JSON that says the same wherever it is shown: what steers a terminal is escaped, as JSON has it."""
    spoken = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(answer, indent=indent, ensure_ascii=not spoken)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def forgiving() -> None:
    """Let standard output write `?` for what its encoding has no letters for, instead of ending."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
