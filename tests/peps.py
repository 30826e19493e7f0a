"""Small clones of proposals for tests, and plain loops over what was read from one (no code of services/)."""

import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Event = Mapping[str, Any]


class Repository:
    """A bare repository, written with `git fast-import`. Commits have marks; a clone may be made at any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: list[bytes] = []
        self._tip = 0
        subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)

    def commit(
        self,
        when: str,
        files: Mapping[str, str | None],
        *,
        by: str = "Ed Itor <ed@example.org>",
        parents: tuple[int, ...] | None = None,
        authored: str | None = None,
    ) -> int:
        """Commit texts by path (None deletes) on the last commit, or on `parents`. `when` is ISO 8601."""
        mark = len(self._stream) + 1
        onto = ((self._tip,) if self._tip else ()) if parents is None else parents
        lines = [f"commit refs/heads/build-{mark}", f"mark :{mark}"]
        lines += [f"author {by} {_git_time(authored or when)}", "committer A Committer <c@example.org>"]
        lines[-1] += f" {_git_time(when)}"
        out = "\n".join(lines).encode() + b"\n" + _data(f"change {mark}")
        for word, parent in zip(("from", *["merge"] * len(onto)), onto, strict=False):
            out += f"{word} :{parent}\n".encode()
        for name, text in files.items():
            out += (
                f"D {name}\n".encode() if text is None else f"M 100644 inline {name}\n".encode() + _data(text)
            )
        self._stream.append(out)
        self._tip = mark
        return mark

    def clone(self, path: Path, at: int | None = None) -> Path:
        """A bare clone whose HEAD is the commit with mark `at` (else the last)."""
        marks = self.path / "marks"
        command = [
            "git",
            "-C",
            str(self.path),
            "fast-import",
            "--quiet",
            "--force",
            f"--export-marks={marks}",
        ]
        subprocess.run(command, input=b"".join(self._stream), check=True)
        ids = dict(line.split() for line in marks.read_text().splitlines())
        return clone_at(self.path, path, ids[f":{at or self._tip}"])


def clone_at(repository: Path, path: Path, commit: str) -> Path:
    """A repository at `path` that borrows another's objects and has its HEAD at `commit`."""
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    found = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "--absolute-git-dir"], check=True, capture_output=True
    )
    (path / "objects" / "info" / "alternates").write_text(f"{found.stdout.decode().strip()}/objects\n")
    (path / "HEAD").write_text(f"{commit}\n")
    return path


def _data(text: str) -> bytes:
    raw = text.encode() if "\x00latin-1" not in text else text.replace("\x00latin-1", "").encode("latin-1")
    return f"data {len(raw)}\n".encode() + raw + b"\n"


def _git_time(when: str) -> str:
    time = datetime.fromisoformat(when)
    return f"{int(time.timestamp())} {time:%z}"


def pep(number: int, status: str, *, kind: str = "Standards Track", **fields: str) -> dict[str, str]:
    """One proposal's file in the old layout; `fields` are further headers, `_` standing for `-`."""
    return {f"pep-{number:04d}.txt": text(number, status, kind=kind, **fields)}


def text(number: int, status: str, *, kind: str = "Standards Track", **fields: str) -> str:
    headers = {"PEP": str(number), "Title": f"Proposal {number}", "Author": "Ada King <ada@example.org>"}
    headers |= {"Status": status, "Type": kind}
    headers |= {name.replace("_", "-"): value for name, value in fields.items() if name != "body"}
    return (
        "".join(f"{name}: {value}\n" for name, value in headers.items())
        + "\n"
        + fields.get("body", "Prose.\n")
    )


def now_known(events: Iterable[Event]) -> list[dict[str, Any]]:
    """What holds after all corrections and retractions, in (occurred, position) order."""
    facts: dict[str, dict[str, Any]] = {}
    for position, event in enumerate(events):
        data = event["data"]
        if event["type"] == "locus.event.corrected.v1":
            first = facts[data["id"]]["first"]
            facts[data["id"]] |= {"gone": False, "time": _time(data.get("time") or first["time"])}
            facts[data["id"]]["data"] = data.get("data", first["data"])
        elif event["type"] == "locus.event.retracted.v1":
            facts[data["id"]]["gone"] = True
        else:
            what = event["type"].removeprefix("locus.").removesuffix(".v1")
            fact = {
                "id": event["id"],
                "what": what,
                "subject": event["subject"],
                "data": data,
                "first": event,
            }
            facts[event["id"]] = fact | {"time": _time(event["time"]), "position": position, "gone": False}
    held = [fact for fact in facts.values() if not fact["gone"]]
    return sorted(held, key=lambda fact: (fact["time"], fact["position"]))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def streams(events: Iterable[Event]) -> dict[str, list[dict[str, Any]]]:
    """The facts that hold, by subject."""
    by_subject: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in now_known(events):
        by_subject[fact["subject"]].append(fact)
    return by_subject


def sketch(events: Iterable[Event], subject: str) -> list[str]:
    """A subject's facts in short: `what date word deciders`."""
    names = {f"actor/{fact['subject'].partition('/')[2]}": fact for fact in now_known(events)}
    return [_short(fact, names) for fact in streams(events)[subject]]


def _short(fact: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    data = fact["data"]
    deciders = [_called(decider["holder"], names) for decider in data.get("deciders", ())]
    words = [fact["what"].partition(".")[2], f"{fact['time']:%Y-%m-%d}", data.get("outcome", "")]
    return " ".join(word for word in [*words, *deciders] if word)


def _called(holder: str, names: Mapping[str, Any]) -> str:
    profile = names[holder]["data"].get("profile") if holder in names else None
    return str(profile["name"]).split()[0] if profile else holder.partition("/")[2]


def standing(events: Iterable[Event], start: str, end: str, domains: Iterable[str]) -> dict[str, str]:
    """Who is credited (bdfl, council, delegate, vote, unknown) with each decision first made in [start, end).

    Measures.md, tense `standing`: the last word counts, a reopened decision is absent.
    """
    events = list(events)
    bdfl = next(e["data"]["decides"][0]["holder"] for e in events if e["type"] == "locus.matrix.row_set.v1")
    credited: dict[str, str] = {}
    for subject, facts in streams(events).items():
        made = [fact for fact in facts if fact["what"] == "decision.made"]
        words = [
            f for f in facts if f["what"] in ("decision.made", "decision.overridden", "decision.reopened")
        ]
        inside = made and instant(start) <= made[0]["time"] < instant(end)
        if inside and made[-1]["data"]["domains"][0] in domains and words[-1]["what"] != "decision.reopened":
            credited[subject.partition("/")[2]] = _credit(words[-1], bdfl)
    return credited


def _credit(word: Mapping[str, Any], bdfl: str) -> str:
    holders = [decider["holder"] for decider in word["data"]["deciders"]]
    if not holders:
        return "unknown"
    if holders == [bdfl] and word["time"] < instant("2018-07-12T15:00"):
        return "bdfl"
    return {"body/steering-council": "council", "body/core-developers": "vote"}.get(holders[0], "delegate")


def counted(credited: Mapping[str, str]) -> Counter[str]:
    return Counter(credited.values())
