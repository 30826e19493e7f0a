"""The drawing of `show dossier`: one decision or initiative as a timeline, and what was stated of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from services.cli_drawing import day, days, heading, note, plural, point, rows, say
from services.cli_tables import Names, bar

_SIGNS = {
    "decision.made": "◆",
    "decision.overridden": "◆",
    "decision.reopened": "◇",
    "initiative.proposed": "○",
    "decision.opened": "○",
}
_OPEN = frozenset({"open", "deferred", "returned", "reopened"})
_MOST_ELECTORS = 6


def dossier(console: Console, names: Names, answer: Any) -> None:
    """Where it stands, then everything as it happened, then what to look at."""
    kind = "decision" if "decision" in answer else "initiative"
    say(
        console,
        names,
        f"{answer['title'] or 'untitled'} ({kind}/{answer[kind]}): {answer['state']}",
        style="bold",
    )
    say(console, names, answer["in_words"])
    stakes = f", {answer['stakes']} stakes" if answer["stakes"] else ""
    by = f", proposed by {', '.join(map(names.of, answer['proposers']))}" if answer["proposers"] else ""
    note(console, f"on {', '.join(map(names.domain, answer['domains'])) or 'no domain'}{stakes}{by}")
    _question(console, names, answer)
    _timeline(console, names, answer["timeline"])
    _words(console, names, answer)
    _decisions(console, names, answer.get("decisions", ()))
    _unheard(console, names, answer)
    _legs(console, answer["legs"])
    _learnt(console, names, [*answer["debriefs"], *answer["lessons"], *answer["experiments"]])
    _became(console, names, answer["changed_rows"], answer["raised"])
    _initiative(console, names, answer.get("initiative"))
    for name, reason in sorted(answer["why_null"].items()):
        note(console, f"– {name}: {names.said(reason)}")


def _question(console: Console, names: Names, answer: Any) -> None:
    """To whom it was put, by which rule, and when it was due."""
    question = answer.get("question")
    if not question:
        return
    electors = question["electorate"]
    whom = names.all_of(electors) if len(electors) <= _MOST_ELECTORS else f"{len(electors)} electors"
    rule = f": {question['rule_in_words']}" if question["rule"] else ""
    if electors or rule:
        note(console, f"put to {whom or 'nobody by name'}{rule}")
    _term(console, names, answer, "to be decided", question["due"], pending=answer["state"] in _OPEN)


def _term(console: Console, names: Names, answer: Any, what: str, due: str | None, *, pending: bool) -> None:
    """By when something is to be done, and for how long it has been late if it still waits."""
    if due is None:
        return
    late = (_instant(answer["rests_on"]["at"]) - _instant(due)) / timedelta(days=1)
    if pending and late > 0:
        point(console, names, f"{what} by {day(due)}, overdue for {days(late)}", "!")
    else:
        point(console, names, f"{what} by {day(due)}", " ", "dim")


def _instant(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _timeline(console: Console, names: Names, timeline: Sequence[Any]) -> None:
    heading(console, "What happened")
    cells = []
    for one in timeline:
        sign = _SIGNS.get(one["what"], "│")
        style = "bold" if sign == "◆" else ""
        cells.append(
            (
                day(one["at"]),
                f"{one['day']:.1f}",
                Text(sign, "cyan"),
                Text(names.said(one["in_words"]), style),
                _entry(one),
            )
        )
    rows(console, ("at", "day", "", "what", "entry"), ("day", "entry"), cells, most=len(cells))


def _entry(one: Any) -> str:
    """Its position, and what corrected it to what is told."""
    by = f", corrected by entry {one['corrected_by']}" if one["corrected_by"] else ""
    return f"{one['position']}{by}"


def _words(console: Console, names: Names, answer: Any) -> None:
    words = answer.get("words", ())
    if words:
        heading(console, "Who decided, and under which row as of then")
    for one in words:
        outcome = f": {one['outcome']}" if one["outcome"] else ""
        held = (
            f", {'has stood' if one['stands'] else 'stood'} {days(one['held_days'])}"
            if one["held_days"]
            else ""
        )
        point(console, names, f"{day(one['at'])} {one['named']}{outcome}{held} (entry {_entry(one)})", "◆")
        point(console, names, ", ".join(_what(one, answer["stakes"])), " ")
        _shares(console, names, one["node"])
        if one["under"]:
            _under(console, names, one["under"])
        _terms(console, names, answer, one)
        if one["reason"]:
            point(console, names, f"reason: {one['reason']}", " ")


def _what(word: Any, stakes: str | None) -> Iterator[str]:
    """What was decided: the choice, its size, and the stakes where they are not those told above."""
    if word["choice"]:
        yield f"“{word['choice']}”"
    if word["size"]:
        amount = f"{word['size']['amount']:,.2f}".removesuffix("0").removesuffix(".0")
        yield f"{amount} {word['size']['unit']}"
    if word["stakes"] and word["stakes"] != stakes:
        yield f"{word['stakes']} stakes"


def _terms(console: Console, names: Names, answer: Any, word: Any) -> None:
    """What was promised with a word: to look at it again, or to have it ratified."""
    after = {one["what"] for one in answer["afterwards"] if _instant(one["at"]) >= _instant(word["at"])}
    stands = word["stands"] and answer["state"] != "superseded"
    emergency = word["emergency"]
    if emergency:
        point(console, names, f"in an emergency: {emergency['reason']}", " ")
    for what, due, done in (
        ("to be ratified", emergency and emergency.get("ratify_by"), "decision.ratified"),
        ("to be reviewed", word["review_on"], "decision.reviewed"),
    ):
        _term(console, names, answer, what, due, pending=stands and done not in after)


def _shares(console: Console, names: Names, parts: Sequence[Any]) -> None:
    cells = [
        (
            f"    {names.of(part['holder'])}",
            _part(part["actual"]),
            bar(part["actual"], 10),
            _part(part["stated"]),
        )
        for part in parts
    ]
    rows(console, ("    decided", "part", "", "stated"), ("part", "stated"), cells)


def _part(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:z.0f} %"


def _under(console: Console, names: Names, under: Any) -> None:
    row = under["row"]
    said = {"yes": "in mandate", "no": "out of mandate", "unknown": "in mandate or not: unknown"}
    point(console, names, f"{said[under['in_mandate']]}: {under['why']}", " ")
    if row:
        source = f", of {names.domain(under['inherited_from'])}" if under["inherited_from"] else ""
        point(
            console,
            names,
            f"the row stated on {day(row['stated'])} (entry {row['position']}){source}",
            " ",
            "dim",
        )
    if under["retroactive"]:
        point(console, names, "what lets them decide was stated only afterwards", "!")
    if under["vacant"]:
        point(console, names, "nobody could decide by this row", "!")


def _decisions(console: Console, names: Names, decisions: Sequence[Any]) -> None:
    if decisions:
        heading(console, plural(len(decisions), "decision"))
    for one in decisions:
        title = f"{one['title'] or 'untitled'} ({one['decision']})"
        mandate = ", out of mandate" if one["in_mandate"] == "no" else ""
        point(console, names, f"{title}: {one['in_words']}{mandate}", "◆")


def _unheard(console: Console, names: Names, answer: Any) -> None:
    """Who was asked and said nothing, and who was to be told and was not."""
    silent = sorted({holder for one in answer["consultations"] for holder in one["silent"]})
    untold = [one["holder"] for one in answer.get("informed", ()) if one["told_at"] is None]
    uncounted = [one for one in answer.get("positions", ()) if not one["counted"]]
    if silent or untold or uncounted:
        heading(console, "Not heard, not told")
    for holders, what in (
        (silent, "asked, and said nothing"),
        (untold, "to be told of the last word, and was not"),
    ):
        if holders:
            point(console, names, f"{what}: {', '.join(map(names.of, holders))}", "!")
    for one in uncounted:
        point(
            console,
            names,
            f"{one['by']}: {one['value']} did not count: {one['why_not'] or 'no reason given'}",
            "!",
        )


def _legs(console: Console, legs: Sequence[Any]) -> None:
    taken = [leg for leg in legs if leg["days"] is not None and leg["until"]]
    if not taken:
        return
    heading(console, "How long it took")
    longest = max(leg["days"] for leg in taken) or 1
    cells = [
        (f"{leg['from']} → {leg['to']}", days(leg["days"]), bar(leg["days"] / longest, 20)) for leg in taken
    ]
    rows(console, ("leg", "took", ""), ("took",), cells)


def _learnt(console: Console, names: Names, learnt: Sequence[Any]) -> None:
    if learnt:
        heading(console, "What was learnt")
    for one in learnt:
        point(console, names, f"{day(one['at'])} {one['in_words']} ({one['subject']}, entry {_entry(one)})")
        for member, texts in one["texts"].items():
            point(console, names, f"{member.replace('_', ' ')}: {'; '.join(texts)}", " ", "dim")


def _became(console: Console, names: Names, rows: Sequence[Any], raised: Sequence[Any]) -> None:
    """Rows of the matrix that rest on it, and knots that people named about it."""
    if rows or raised:
        heading(console, "What rests on it, and what people raised")
    for one in rows:
        stated = f"{day(one['stated'])} the row of {names.domain(one['domain'])} rests on {one['basis']}"
        point(console, names, f"{stated} (entry {one['position']})")
    for one in raised:
        answered = f", answered {', '.join(one['responses'])}" if one["responses"] else ""
        knot = f"{day(one['at'])} {one['by']} raised {one['pattern']}{answered}"
        point(console, names, f"{knot} (knot/{one['knot']}, entry {_entry(one)})")


def _initiative(console: Console, names: Names, initiative: Any) -> None:
    if initiative and not isinstance(initiative, str):
        title = initiative["title"] or "untitled"
        others = f"; also {', '.join(initiative['others'])}" if initiative["others"] else ""
        note(console, f"of the initiative {names.said(title)} ({initiative['initiative']}){others}")
