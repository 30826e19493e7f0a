"""Why an event was not recorded, named for what its publisher does next; status codes are not known here."""


class Rejected(Exception):
    """This unit cannot be recorded as it is; nothing of it was.

    `where` is an attribute or JSON pointer, `detail` what is wrong there, `hint` what to do; `index` is the
    event's place in its unit, from 0. `early`: what it follows may still be on its way, so that the very same
    may be possible later.
    """

    def __init__(
        self,
        slug: str,
        title: str,
        detail: str,
        *,
        where: str,
        hint: str,
        index: int = 0,
        early: bool = False,
    ) -> None:
        super().__init__(f"{where}: {detail}" if where else detail)
        self.slug = slug
        self.title = title
        self.detail = detail
        self.where = where
        self.hint = hint
        self.index = index
        self.early = early


class Refused(Rejected):
    """Mend the event: it is malformed, or impossible after what its subject has been through."""


class Conflict(Rejected):
    """Look again: the id or the version is taken."""


class TooLarge(Rejected):
    """Send less at once."""


class TooEarly(Exception):
    """Try again, the same: what it follows did not arrive while it waited."""

    def __init__(self, rejected: Rejected) -> None:
        super().__init__(str(rejected))
        self.rejected = rejected


class Overloaded(Exception):
    """Try again, with the same ids, after `retry_after` seconds: whether it was stored is not known."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class LedgerUnknown(Exception):
    """No such ledger: create it, or mend its name."""

    def __init__(self, ledger: str) -> None:
        super().__init__(f"there is no ledger {ledger[:100]!r}")
        self.ledger = ledger


class LedgerOutdated(Exception):
    """A ledger of an older format, which can be read, but takes nothing more and proves nothing."""

    def __init__(self, ledger: str) -> None:
        super().__init__(f"the ledger {ledger[:100]!r} was made in format 0, without tiles and checkpoints")
        self.ledger = ledger


class LedgerHalted(Exception):
    """The database does not hold what was signed: nothing may be added until an operator has looked."""

    def __init__(self, ledger: str, why: str) -> None:
        super().__init__(f"the ledger {ledger[:100]!r} is halted: {why}")
        self.ledger = ledger


class OriginTaken(Exception):
    """Another ledger's log has this name."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"another ledger's log is called {origin[:200]!r}")
