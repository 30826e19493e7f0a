"""What the command line tells a person: one line, and an exit code."""

REFUSED, USAGE, UNREACHABLE, NOT_ALLOWED, UNKNOWN, FAILED = 1, 2, 3, 4, 5, 6  # of usage, click says 2 as well


class CommandFailed(Exception):
    """One line for the user, and the exit code; `status` is the service's, 0 if none answered."""

    def __init__(self, message: str, code: int, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
