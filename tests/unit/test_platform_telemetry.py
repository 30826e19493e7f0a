"""What goes into the log when something fails that nobody foresaw."""

import subprocess
import sys

FAILING = """
import structlog
from services.platform.telemetry import log_to_stderr

log_to_stderr("info", "ledger")
try:
    key = "a key that " + "opens everything"
    raise RuntimeError("it failed")
except RuntimeError:
    structlog.get_logger().exception("something unforeseen")
"""


def test_a_log_tells_where_it_failed_and_nothing_of_what_was_in_hand() -> None:
    said = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=True).stderr
    assert "it failed" in said
    assert "lineno" in said
    assert "opens everything" not in said
