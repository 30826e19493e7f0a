"""What `locus show` can be asked: the options, and which of them each view takes."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from services.cli_options import Verb
from services.failures import USAGE, CommandFailed

_SERIES = ("from", "to", "interval", "domain", "body")
_DECISIONS = (*_SERIES, "actor", "stakes", "level")

# By the names of the query's parameters; every view takes `at` and `known_at` as well.
TAKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "overview": ("days", "domain", "body", "lens", "attested"),
    "authority": (*_DECISIONS, "by", "lens", "tense", "attested"),
    "drift": (*_DECISIONS, "by", "lens", "tense", "attested"),
    "matrix": ("domain",),
    "remit": ("domain", "actor", "body"),
    "knots": (
        "from",
        "to",
        "interval",
        "domain",
        "body",
        "actor",
        "decision",
        "pattern",
        "severity",
        "state",
    ),
    "flow": (*_DECISIONS, "attested"),
    "influence": (*_DECISIONS, "lens", "tense", "attested"),
    "participation": (*_DECISIONS, "tense", "attested"),
    "coordination": (*_SERIES, "space", "stakes", "level", "attested"),
    "learning": (*_SERIES, "stakes", "level"),
    "trust": (*_SERIES, "stakes", "level", "attested"),
    "dossier": ("decision", "initiative"),
}
_AS_OF = ("at", "known_at")

_OPTIONS = (
    click.option("--at", help="As of this moment (occurred)."),
    click.option("--known-at", help="As known at this moment or position."),
    click.option("--from", "from_", help="The window begins (a date or a moment)."),
    click.option("--to", help="The window ends before (a date or a moment)."),
    click.option(
        "--interval", type=click.Choice(["day", "week", "month", "quarter", "year"]), help="A series."
    ),
    click.option("--days", type=click.IntRange(min=1), help="Compare so many days with those before."),
    click.option(
        "--by", type=click.Choice(["actor", "body", "domain", "level", "stakes"]), help="A row for each."
    ),
    click.option("--domain", help="Only this domain and those below it."),
    click.option(
        "--body", help="Only of this body; overview, authority, drift, flow and influence: as one holder."
    ),
    click.option(
        "--actor",
        help="Only work this actor took part in by deciding, or while it is undecided by proposing; "
        "knots, participation and remit: this actor's own.",
    ),
    click.option("--space", help="Only this space."),
    click.option("--decision", help="The dossier of this decision, or the knots that rest on it."),
    click.option("--initiative", help="The dossier of this initiative."),
    click.option(
        "--stakes", type=click.Choice(["low", "medium", "high", "strategic", "none"]), help="Only these."
    ),
    click.option(
        "--level",
        type=click.IntRange(min=0),
        help="Only decided at this depth of reporting lines (0: the top).",
    ),
    click.option("--lens", type=click.Choice(["node", "seat"]), help="A body as one, or as its members."),
    click.option("--tense", type=click.Choice(["made", "standing"]), help="Every decision, or what stands."),
    click.option("--attested", type=click.Choice(["all", "recorded"]), help="With or without inferred ones."),
    click.option("--pattern", help="Only knots of this pattern, such as 'shadow authority'."),
    click.option("--severity", type=click.Choice(["info", "notice", "warning"]), help="Only such knots."),
    click.option("--state", type=click.Choice(["open", "closed", "all"]), help="Knots that are this."),
)


def question_options(verb: Verb) -> Verb:
    """All that some view can be asked, in the order of the help."""
    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb


def options_of_views() -> str:
    """A line for each view with the options it takes, beside those that every view takes."""
    lines = (f"{view}: {' '.join(map(_option, takes))}" for view, takes in TAKEN.items())
    return "\n\n".join((f"Every view takes {' and '.join(map(_option, _AS_OF))}.", *lines))


def asked(ledger: str, view: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path and query of a view. CommandFailed where an option is not for this view, or one is missing."""
    given = {name.rstrip("_"): value for name, value in options.items() if value is not None}
    takes = (*TAKEN[view], *_AS_OF)
    for name in given:
        if name not in takes:
            listed = ", ".join(map(_option, takes))
            raise CommandFailed(f"{view} does not take {_option(name)}; it takes {listed}", USAGE)
    base = f"/v1/ledgers/{ledger}"
    if view == "remit":
        return f"{base}/{_one_of(view, given, _REMITS)}/remit", given
    return f"{base}/{_one_of(view, given, _DOSSIERS) if view == 'dossier' else view}", given


_REMITS: Final = {"domain": "domains", "actor": "actors", "body": "bodies"}
_DOSSIERS: Final = {"decision": "decisions", "initiative": "initiatives"}


def _one_of(view: str, given: dict[str, Any], kinds: Mapping[str, str]) -> str:
    """The path of the one thing asked about, taken out of the question."""
    named = [kind for kind in kinds if kind in given]
    if len(named) != 1:
        *others, last = map(_option, kinds)
        raise CommandFailed(f"{view} takes one of {', '.join(others)} and {last}", USAGE)
    (kind,) = named
    told = given.pop(kind)
    bare = told.removeprefix(f"{kind}/")
    if "/" in bare:
        raise CommandFailed(f"{_option(kind)} takes the bare id of one {kind}, not {told!r}", USAGE)
    return f"{kinds[kind]}/{quote(bare, safe='', errors='surrogateescape')}"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
