"""Our roots, proofs and bundles checked by an implementation in another language.

LOCUS_NPM names the directory where `npm install @transmute/rfc9162` was run; nothing of it is kept here.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from services.platform.merkle import (
    Frontier,
    consistency_proof,
    in_memory,
    inclusion_proof,
    leaf_hash,
    root,
)
from tests import audits

HOME = os.environ.get("LOCUS_NPM", "")
SIZES = (1, 2, 255, 256, 257, 65_535, 65_536, 100_000)
WRONG = "00" * 32

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not HOME, reason="LOCUS_NPM names no directory with @transmute/rfc9162"),
]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).with_name("check.mjs")
    return subprocess.run(["node", script, *arguments], capture_output=True, text=True, check=False)


def tampered(proof: dict[str, Any]) -> list[dict[str, Any]]:
    """The proof with each of its parts changed in turn; none holds."""
    changes: list[dict[str, Any]] = [{"root": WRONG}]
    changes += [
        {"path": [*proof["path"][:at], WRONG, *proof["path"][at + 1 :]]} for at in range(len(proof["path"]))
    ]
    changes += [{"path": proof["path"][:-1]}] if proof["path"] else []
    changes += [{"path": [*proof["path"], WRONG]}]
    if "entry" in proof:
        changes += [{"entry": proof["entry"] + "x"}]
        changes += [{"index": proof["index"] ^ 1}] if proof["size"] > 1 else []
    return [proof | change | {"holds": False} for change in changes]


@pytest.mark.parametrize("size", SIZES)
def test_another_implementation_takes_our_roots_and_proofs_and_no_tampered_one(
    size: int, tmp_path: Path
) -> None:
    leaves = [leaf_hash(f"entry {number}".encode()) for number in range(size)]
    hashes = in_memory(leaves)
    whole = root(size, hashes).hex()
    assert whole == Frontier().extend(leaves).root().hex()
    places = sorted({0, 1, 255, 256, size // 2, size - 2, size - 1} & set(range(size)))
    inclusion: list[dict[str, Any]] = [
        {
            "index": index,
            "size": size,
            "entry": f"entry {index}",
            "root": whole,
            "path": [one.hex() for one in inclusion_proof(index, size, hashes)],
            "holds": True,
        }
        for index in places
    ]
    consistency: list[dict[str, Any]] = [
        {
            "old": old,
            "oldRoot": root(old, hashes).hex(),
            "root": whole,
            "path": [one.hex() for one in consistency_proof(old, size, hashes)],
            "holds": True,
        }
        for old in sorted({1, 2, 255, 256, 257, 65_535, 65_536, size - 1} & set(range(1, size)))
    ]
    job = {
        "size": size,
        "root": whole,
        "inclusion": [one for proof in inclusion for one in (proof, *tampered(proof))],
        "consistency": [one for proof in consistency for one in (proof, *tampered(proof))],
    }
    path = tmp_path / "job.json"
    path.write_text(json.dumps(job))
    ended = run("trees", str(path))
    assert ended.returncode == 0, ended.stderr


def test_another_implementation_takes_our_bundles(tmp_path: Path) -> None:
    chosen = [1, 2, 255, 256, 257, 700, 1_000]
    with ZipFile(audits.bundle(tmp_path / "b.zip", 1_000, chosen)) as zipped:
        zipped.extractall(tmp_path)
    vkey = str(audits.LOG.verifier)
    ended = run("bundle", str(tmp_path), vkey)
    assert (ended.returncode, ended.stdout.strip()) == (0, str(len(chosen))), ended.stderr
    entries = tmp_path / "entries.ndjson"
    entries.write_bytes(entries.read_bytes().replace(b"forge", b"forgE", 1))
    assert run("bundle", str(tmp_path), vkey).returncode == 1
