"""`locus up`: one command to everything, and what it survives."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services import cli_up
from services.failures import CommandFailed
from services.platform.embedded import nats_binary
from tests.conftest import Server, scratch
from tests.e2e.up import LOCUS, Up, environment, running

EVENT = {
    "specversion": "1.0",
    "source": "https://wiki.example/",
    "id": "minutes-17",
    "type": "locus.decision.made.v1",
    "subject": "decision/pricing-2026",
    "time": "2026-01-15T10:00:00+01:00",
    "data": {
        "title": "Prices for 2026",
        "domains": ["pricing"],
        "outcome": "accepted",
        "attested": "recorded",
        "deciders": [{"holder": "actor/ada"}, {"holder": "body/sales", "parts": 2}],
        "ref": "https://wiki.example/minutes-17",
    },
}


@pytest.fixture
def home() -> Iterator[Path]:
    with scratch() as directory:
        yield directory


def children(data: Path) -> list[str]:
    """The processes that hold anything of this data directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in said and int(process.name) != os.getpid():
            found.append(process.name)
    return found


def exports(up: Up) -> dict[str, str]:
    line = next(line for line in up.until("export ") if "export " in line)
    return dict(word.split("=", 1) for word in line.split()[1:])


def test_the_demo_shows_its_first_views_within_a_minute(home: Path) -> None:
    begun = time.monotonic()
    up = Up(home, "--demo")
    try:
        seen = "".join(up.until("What was planted in it", 120))
    finally:
        code = up.end()
    assert time.monotonic() - begun < 60 or os.environ.get(
        "PYTEST_XDIST_WORKER"
    )  # others share the cores then
    assert "0 refused" in seen
    assert "effective deciders" in seen
    assert "drift" in seen
    assert code == 0


def test_an_event_is_published_read_back_and_seen_in_a_view_and_outlives_a_restart(home: Path) -> None:
    with running(home) as up:
        given = exports(up)
        headers = {"Authorization": f"Bearer {given['LOCUS_TOKEN']}"}
        assert up.run("ledger", "create", "acme").stdout == "acme created\n"
        known = up.run("ledger", "create", "acme", "--json").stdout
        assert json.loads(known) == {"ledger": "acme", "created": False}
        first = up.run("publish", "-", "--ledger", "acme", given=json.dumps(EVENT, indent=2))
        again = up.run("publish", "-", "--ledger", "acme", given=json.dumps([EVENT]))
        assert (first.stdout, first.returncode) == ("publish: 1 new, 0 known already, 0 refused\n", 0)
        assert again.stdout == "publish: 0 new, 1 known already, 0 refused\n"
        events = f"{given['LOCUS_URL']}/v1/ledgers/acme/events"
        entry = httpx.get(f"{events}/1", headers=headers).json()
        assert entry["event"]["id"] == "minutes-17"
        assert httpx.get(events).status_code == 401
        assert up.end() == 0
    with running(home) as up:
        assert exports(up) == given  # the same addresses and token, so that what was exported still works
        shown = up.run("history", "--ledger", "acme", "--json")
        assert [json.loads(line)["position"] for line in shown.stdout.splitlines()] == [1]
        assert "decision.made" in up.run("history", "--ledger", "acme").stdout
        view = until_known(up, "acme", 1)
        shares = {row["holder"]: row["share"] for row in view["windows"][0]["rows"]}
        assert shares == pytest.approx({"actor/ada": 1 / 3, "body/sales": 2 / 3})
        assert "actor/ada" in up.run("show", "authority", "--ledger", "acme").stdout
        assert up.run("show", "authority", "--ledger", "acme", "--body", "sales").returncode == 0
        misspelt = up.run("show", "authority", "--ledger", "acme", "--actor", "adda")
        assert misspelt.returncode == 5
        assert misspelt.stderr == "locus: in acme nobody has ever named an actor adda\n"


def test_a_person_is_held_released_erased_and_final(home: Path) -> None:
    ada = {"kind": "person", "profile": {"name": "Ada"}}
    registered = EVENT | {"type": "locus.actor.registered.v1", "subject": "actor/ada", "data": ada}
    with running(home) as up:
        given = exports(up)
        up.run("publish", "-", "--ledger", "acme", "--create", given=json.dumps(registered))
        named = {"headers": {"Authorization": f"Bearer {given['LOCUS_TOKEN']}"}}
        directory = f"{given['LOCUS_URL']}/v1/ledgers/acme/directory"
        assert httpx.get(directory, **named).json()["people"] == [{"actor": "ada", **ada}]
        held = up.run("person", "hold", "ada", "--ledger", "acme", "--reason", "case 7")
        assert "reason=case 7" in held.stdout
        refused = up.run("person", "erase", "ada", "--ledger", "acme", "--basis", "asked", "--yes")
        assert (refused.returncode, "case 7" in refused.stderr) == (6, True)
        up.run("person", "release", "ada", "--ledger", "acme")
        erased = up.run("person", "erase", "ada", "--ledger", "acme", "--basis", "asked", "--yes", "--json")
        assert json.loads(erased.stdout)["position"] == 2
        assert up.run("vault", "turn").stdout == "epoch 2 began; those before it are destroyed\n"
        shown = json.loads(up.run("person", "show", "ada", "--ledger", "acme", "--json").stdout)
        assert (shown["erased"], shown["final"]) == (True, True)
        assert up.run("person", "show", "bob", "--ledger", "acme").returncode == 5
        assert httpx.get(directory, **named).json()["people"] == [
            {"actor": "ada", "kind": "person", "erased": True}
        ]
    assert [path.name for path in home.rglob("epoch-*.key")] == ["epoch-00000002.key"]


def until_known(up: Up, ledger: str, position: int) -> dict[str, list[dict[str, list[dict[str, float]]]]]:
    deadline = time.monotonic() + 30
    while True:
        asked = up.run("show", "authority", "--ledger", ledger, "--json")
        if asked.returncode == 0 and json.loads(asked.stdout)["rests_on"]["position"] >= position:
            answer: dict[str, list[dict[str, list[dict[str, float]]]]] = json.loads(asked.stdout)
            return answer
        assert time.monotonic() < deadline, asked.stderr
        time.sleep(0.3)


def test_a_killed_system_leaves_nothing_behind_and_starts_again_without_loss(home: Path) -> None:
    with running(home) as up:
        up.run("ledger", "create", "acme")
        up.run("publish", "-", "--ledger", "acme", given=json.dumps(EVENT))
        up.end(signal.SIGKILL)
    with running(home) as up:  # at once, while the old servers may still be ending
        lines = up.run("history", "--ledger", "acme", "--json").stdout.splitlines()
        assert [json.loads(line)["event"]["id"] for line in lines] == ["minutes-17"]
        up.end(signal.SIGKILL)
    deadline = time.monotonic() + 15
    while children(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert children(home) == []


def test_every_process_that_is_killed_comes_back(home: Path) -> None:
    with running(home, "--data", str(home / "d")) as up:
        run = json.loads((home / "d" / "run.json").read_text())
        cluster = str(home / "d" / "postgres").encode()
        for words in ([cluster], [b"nats-server"], [b"ledger", b"serve"], [b"projections", b"serve"]):
            kill_child(up.process.pid, words)
        deadline = time.monotonic() + 60
        while not all(ready(run[url]) for url in ("ledger_url", "views_url")):
            assert time.monotonic() < deadline, up.errors
            time.sleep(0.2)
        assert up.run("--data", str(home / "d"), "ledger", "create", "acme").returncode == 0
        assert up.end() == 0
    assert sum("is started again" in line for line in up.errors) >= 4


def kill_child(parent: int, words: list[bytes]) -> None:
    for process in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        said = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if all(any(word in one for one in said) for word in words):
            os.kill(int(process), signal.SIGKILL)
            return
    raise AssertionError(f"no child runs {words}")


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_second_one_on_the_same_data_says_so(home: Path) -> None:
    with running(home) as up:
        second = subprocess.run(
            [*LOCUS, "up"], capture_output=True, text=True, check=False, env=environment(home), timeout=60
        )
        assert second.returncode == 6
        assert second.stderr.startswith("locus: Locus is already running for ")
        up.end()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["history", "--ledger", "acme"], 3, "nothing is running for"),
        (["token", "list"], 3, "nothing is running for"),
        (["up", "--data", "/proc/locus"], 6, "cannot be written"),
        (["up", "--data", "/dev/null"], 6, "cannot be written"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(home: Path, arguments: list[str], code: int, said: str) -> None:
    answer = subprocess.run(
        [*LOCUS, *arguments], capture_output=True, text=True, check=False, env=environment(home)
    )
    assert answer.returncode == code
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_wanted_port_that_is_taken_is_said_to_be(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        answer = subprocess.run(
            [*LOCUS, "up", "--port", port], capture_output=True, text=True, check=False, env=environment(home)
        )
    assert answer.returncode == 6
    assert answer.stderr.strip() == f"locus: cannot listen on 127.0.0.1 port {port}: Address already in use"


def test_servers_of_ones_own_are_used_when_they_are_given(home: Path, postgres: Server, nats: str) -> None:
    postgres.execute("CREATE DATABASE given TEMPLATE template0")
    url = f"postgresql://postgres@/given?host={postgres.sockets}"
    with running(home, LOCUS_DATABASE_URL=url, LOCUS_NATS_URL=nats) as up:
        given = exports(up)
        assert up.run("ledger", "create", "acme").returncode == 0
        assert up.run("ledger", "create", "Not A Slug").returncode == 2
        assert up.run("history", "--ledger", "acme").returncode == 0
        up.environment["LOCUS_TOKEN"] = "locus_wrong"
        assert up.run("history", "--ledger", "acme").returncode == 4
        up.environment["LOCUS_TOKEN"] = given["LOCUS_TOKEN"]
        assert up.run("history", "--ledger", "nowhere").returncode == 5
        assert not list(home.glob("**/PG_VERSION"))
        up.end()
    postgres.execute("DROP DATABASE given WITH (FORCE)")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nats://me:secret@127.0.0.1:1", "NATS at nats://127.0.0.1:1 cannot be used: "),
        ("nats://127.0.0.1:99999", "NATS at nats://127.0.0.1:99999 cannot be used: "),
    ],
)
def test_a_given_nats_that_does_not_answer_is_said_to_be_one(home: Path, url: str, said: str) -> None:
    told = refused_nats(home, url)
    assert told.startswith(f"locus: {said}")
    assert told.endswith("; start it, or mend or unset LOCUS_NATS_URL")


def test_a_given_nats_without_jetstream_is_said_to_have_none(home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([nats_binary(), "-a", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    try:
        url = f"nats://127.0.0.1:{port}"
        assert refused_nats(home, url) == f"locus: NATS at {url} has no JetStream: start it with -js"
    finally:
        server.kill()
        server.wait()


def refused_nats(home: Path, url: str) -> str:
    """What `up` says of a NATS that it was given and cannot use."""
    answer = subprocess.run(
        [*LOCUS, "up"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(home) | {"LOCUS_NATS_URL": url},
        timeout=60,
    )
    assert answer.returncode == 6
    assert answer.stdout == ""
    return answer.stderr.strip()


def test_a_disk_without_room_is_said_to_be_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil._ntuple_diskusage(10**9, 10**9, 10**6)  # type: ignore[attr-defined]  # its only maker
    monkeypatch.setattr("services.cli_up.shutil.disk_usage", lambda _: usage)
    with pytest.raises(
        CommandFailed, match=r"there is no room left for .*; free some, or name another --data"
    ):
        cli_up.run(home, 0, demo=False)
