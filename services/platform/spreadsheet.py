"""CSV (RFC 4180) as our exports are written: whatever a cell holds stays text to a spreadsheet. Pure."""

import csv
from collections.abc import Callable, Sequence
from typing import Final

# What makes a spreadsheet take a cell for a formula, also in full-width forms; and our own mark, so that
# taking one apostrophe away gives back what was there.
_ACTIVE: Final = tuple("=+-@\t\r\n'＝＋－＠")


class _Line:
    """Takes what the csv module writes, a row at a time."""

    def write(self, text: str) -> str:
        return text


def writer() -> Callable[[Sequence[str]], str]:
    """Gives a row's line, with its ending."""
    write = csv.writer(_Line(), lineterminator="\r\n").writerow
    return lambda row: str(write(row))


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet would calculate it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_ACTIVE) else cell
