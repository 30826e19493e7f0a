"""What a process tells its keepers: JSON lines on stderr."""

import logging
import sys

import structlog
from structlog.typing import Processor

# Where it happened, without the values of variables: keys and people's words are among them.
_where_alone = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def log_to_stderr(level: str, service: str) -> None:
    """One JSON object a line: `event`, `level`, `timestamp`, `service` and whatever was bound."""
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    gathered: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: list[Processor] = [
        structlog.processors.ExceptionRenderer(_where_alone),
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*gathered, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    # Libraries that use the standard logger speak up only when something is wrong.
    theirs = logging.StreamHandler(sys.stderr)
    without_record = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    theirs.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *gathered],
            processors=[without_record, *rendered],
        )
    )
    logging.basicConfig(handlers=[theirs], level=logging.WARNING, force=True)
