"""What goes into the log when something fails that nobody foresaw."""

import json
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


LIBRARIES = """
import logging
from services.platform.telemetry import log_to_stderr

log_to_stderr("info", "ledger")
logging.getLogger("uvicorn.error").warning("Invalid HTTP request %s.", "received")
try:
    key = "a key that " + "opens everything"
    raise RuntimeError("it failed")
except RuntimeError:
    logging.getLogger("asyncio").exception("Task exception was never retrieved")
"""


def test_what_libraries_say_is_json_as_well() -> None:
    said = subprocess.run(
        [sys.executable, "-c", LIBRARIES], capture_output=True, text=True, check=True
    ).stderr
    warning, error = map(json.loads, said.splitlines())
    del warning["timestamp"]
    assert warning == {
        "event": "Invalid HTTP request received.",
        "level": "warning",
        "logger": "uvicorn.error",
        "service": "ledger",
    }
    assert (error["logger"], error["exception"][0]["exc_value"]) == ("asyncio", "it failed")
    assert "opens everything" not in said
