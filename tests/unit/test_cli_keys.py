"""Keys made, shown and changed by command: private, never shown, and readable by other makers' tools."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.platform import keys
from services.platform.note import COSIGNATURE, Verifier


def locus(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def test_a_new_key_is_for_its_owner_alone_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "key"
    made = locus("key", "new", file)
    assert made.exit_code == 0, made.output
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    (signer,) = keys.read(str(file))
    secret = signer.secret().split("+", 4)[4]
    assert len(secret) > 40
    assert secret not in made.output
    again = locus("key", "new", file)
    assert (again.exit_code, "locus key rotate" in again.output) == (1, True)
    assert keys.read(str(file)) == (signer,)


def test_the_key_of_a_log_is_shown_under_the_log_s_name(tmp_path: Path) -> None:
    locus("key", "new", tmp_path / "key")
    shown = locus("key", "show", tmp_path / "key", "--origin", "log.example/acme")
    key = Verifier.parse(shown.output.strip())
    assert key.name == "log.example/acme"
    assert key.public == keys.read(str(tmp_path / "key"))[0].verifier.public
    told = locus("key", "show", tmp_path / "key", "--origin", "log.example/acme", "--json")
    assert json.loads(told.output) == {"keys": [str(key)]}
    assert "--ledger NAME" in locus("key", "show", tmp_path / "key").output


@pytest.mark.parametrize("origin", ["my log", "a+b", "a\nb", ""])
def test_the_key_of_a_log_that_cannot_be_called_so_is_not_shown(tmp_path: Path, origin: str) -> None:
    locus("key", "new", tmp_path / "key")
    shown = locus("key", "show", tmp_path / "key", "--origin", origin)
    assert (shown.exit_code, shown.output.count("\n")) == (2, 1), shown.output
    assert "without spaces" in shown.output


def test_a_rotated_key_signs_beside_the_old_one_until_that_is_forgotten(tmp_path: Path) -> None:
    locus("key", "new", tmp_path / "key")
    (old,) = keys.read(str(tmp_path / "key"))
    locus("key", "rotate", tmp_path / "key")
    new, kept = keys.read(str(tmp_path / "key"))
    assert kept == old != new
    locus("key", "rotate", "--forget", tmp_path / "key")
    assert keys.read(str(tmp_path / "key")) == (new,)


def test_a_key_behind_a_link_is_rotated_where_it_is(tmp_path: Path) -> None:
    locus("key", "new", tmp_path / "kept" / "key")
    (tmp_path / "link").symlink_to("kept/key")
    assert locus("key", "rotate", tmp_path / "link").exit_code == 0
    assert (tmp_path / "link").is_symlink()
    assert len(keys.read(str(tmp_path / "kept" / "key"))) == 2


def test_a_witness_has_a_key_of_its_own_kind(tmp_path: Path) -> None:
    made = locus("key", "new", tmp_path / "key", "--witness", "witness.example/w1")
    key = Verifier.parse(made.output.strip())
    assert (key.name, key.algorithm) == ("witness.example/w1", COSIGNATURE)
    assert locus("key", "show", tmp_path / "key").output == made.output


def test_a_key_file_that_is_missing_open_or_spoilt_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "key"
    for words in (("show", file, "--origin", "o"), ("rotate", file)):
        told = locus("key", *words)
        assert (told.exit_code, "locus key new" in told.output) == (2, True), told.output
    locus("key", "new", file)
    file.chmod(0o640)
    told = locus("key", "show", file, "--origin", "o")
    assert (told.exit_code, f"chmod 600 {file}" in told.output) == (2, True), told.output
    file.chmod(0o600)
    secret = file.read_text()
    file.write_text(secret.replace("+locus+", "+lotus+"))
    told = locus("key", "show", file, "--origin", "o")
    assert told.exit_code == 2
    assert "belongs to another key" in told.output
    assert secret[-20:-2] not in told.output


def test_the_key_is_that_of_the_ledger_s_own_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUS_SIGNING_KEY", str(tmp_path / "key"))
    locus("key", "new")
    shown = locus("key", "show", tmp_path / "key", "--origin", "o").output
    assert locus("key", "show", "--origin", "o").output == shown
    (signer,) = keys.read(str(tmp_path / "key"))
    monkeypatch.setenv("LOCUS_SIGNING_KEY", signer.secret())
    told = locus("key", "rotate")
    assert (told.exit_code, "name a FILE" in told.output, signer.secret() in told.output) == (2, True, False)
    assert locus("key", "new", "--witness", "witness.example/w1").exit_code == 2


@pytest.mark.parametrize("command", [("up",), ("witness", "key", "--log", "a+1+b", "--state", "state")])
def test_a_port_that_is_none_is_wrong_usage(command: tuple[str, ...]) -> None:
    refused = locus(*command, "--port", 99_999)
    assert (refused.exit_code, "99999 is not in the range" in refused.output) == (2, True), refused.output


def test_an_epoch_is_not_turned_with_the_keys_of_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUS_DATABASE_URL", "postgresql:///another")
    monkeypatch.delenv("LOCUS_VAULT_KEYS", raising=False)
    refused = locus("vault", "turn")
    assert (refused.exit_code, "set LOCUS_VAULT_KEYS" in refused.output) == (2, True), refused.output


@pytest.mark.parametrize("command", ["token list", "publisher list", "migrate", "vault turn"])
def test_a_database_that_does_not_answer_is_told_as_such(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUS_DATABASE_URL", f"postgresql:///locus?host={tmp_path}")
    monkeypatch.setenv("LOCUS_VAULT_KEYS", str(tmp_path / "keys"))
    refused = locus(*command.split())
    assert (refused.exit_code, "the database does not answer" in refused.output) == (3, True), refused.output
