"""A log put together from parts is the log read at once, wherever it is cut, however little is in memory."""

import tracemalloc
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit import reading
from services.audit.faults import Faults
from services.audit.mentioned import Rows
from services.audit.reading import Known, Page, Stretch, examined
from services.audit.tree import Tree, grown
from services.audit.uniques import Hashing, Keys, Uniques
from services.platform.merkle import Frontier, leaf_hash

LEAVES = [leaf_hash(b"%d" % number) for number in range(3_000)]
CHUNK = 3


@pytest.mark.parametrize("cut", [100, 256, 1_024, 2_048])
@pytest.mark.parametrize("wanted", [(), (700, 2_999)])
def test_a_tree_joined_of_parts_is_the_tree_grown_leaf_by_leaf(cut: int, wanted: tuple[int, ...]) -> None:
    with closing(Tree(wanted)) as joined, closing(Tree(wanted)) as whole:
        for start in range(0, len(LEAVES), cut):
            part, stops = LEAVES[start : start + cut], [1, 77, cut]
            passed = joined.join(grown(part, stops))
            known = whole.grow(part, [start + stop for stop in stops])
            assert known.items() <= passed.items()
        assert (joined.frontier, joined.nodes, joined.roots) == (whole.frontier, whole.nodes, whole.roots)
        assert joined.leaves(5, 300) == whole.leaves(5, 300)


@pytest.mark.parametrize("exponent", [0, 4, 8, 9, 16])
def test_subtrees_joined_one_by_one_complete_the_nodes_of_tiles(exponent: int) -> None:
    size = 1 << exponent
    tree, found = Frontier(), []
    for number in range((1 << 16) // size if exponent >= 8 else 600):
        edge = Frontier(size, (leaf_hash(b"%d" % number),))
        tree, completed = tree.join(edge)
        found += completed
    assert all(level % 8 == 0 and level > exponent for (level, _), _ in found)
    assert (exponent, len(found)) in [(0, 2), (4, 37), (8, 1), (9, 1), (16, 0)]


def stored(position: int, second: int) -> bytes:
    return (
        b'{"format":0,"ledger":"acme","position":%d,"recorded":"2026-01-01T00:00:%02dZ","version":1,'
        b'"publisher":"p","event":{"id":"%d","source":"s","type":"t","subject":"decision/%d",'
        b'"time":"2025-01-01T00:00:00Z","data":{}}}' % (position, second, position, position)
    )


@pytest.mark.parametrize("late", range(1, 7))
def test_an_entry_recorded_after_the_next_is_named_wherever_a_slice_ends(
    late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SLICE", 2)
    page = Page([stored(at, 50 if at == late else at) for at in range(1, 8)])
    found, _ = examined(page, 0, Known("acme", 0), Hashing())
    assert [(fault.position, fault.kind) for fault in found.faults] == [(late + 1, "recorded")]


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_an_entry_recorded_at_no_instant_is_named_and_what_was_found_can_be_handed_over(said: str) -> None:
    entry = stored(1, 1).replace(b"2026-01-01T00:00:01Z", said.encode())
    found, _ = examined(Page([entry]), 0, Known("acme", 0), Hashing())
    assert [(fault.position, fault.kind) for fault in found.faults] == [(1, "unreadable")]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Stretch) == found


ENTRIES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 4)), min_size=1, max_size=40
)


def keys(first: int, entries: Sequence[tuple[str, str, int]], hashing: Hashing) -> Keys:
    ids, subjects, versions = zip(*entries, strict=True)
    return hashing.keys(range(first, first + len(entries)), ids, subjects, versions)


@pytest.mark.parametrize("at_once", [2, 1_000])
@settings(deadline=None)
@given(entries=ENTRIES)
def test_what_repeats_or_does_not_count_up_is_named(
    at_once: int, entries: list[tuple[str, str, int]]
) -> None:
    faults, hashing, expected = Faults(), Hashing(), set[tuple[int, str]]()
    met, versions = set[str](), dict[str, int]()
    for position, (id, subject, version) in enumerate(entries, 1):
        if id in met:
            expected.add((position, "identity"))
        if version != versions.get(subject, 0) + 1:
            expected.add((position, "version"))
        met.add(id)
        versions[subject] = version
    with Uniques(at_once) as uniques:
        for start in range(0, len(entries), CHUNK):
            uniques.add(keys(start + 1, entries[start : start + CHUNK], hashing))
        uniques.check(faults)
    assert {(fault.position, fault.kind) for fault in faults.listed()} == expected
    assert faults.count == len(expected)


def test_the_keys_of_a_long_history_are_not_all_in_memory_at_once() -> None:
    faults, hashing, many = Faults(), Hashing(), 100_000
    told = keys(1, [(f"id-{at}", f"subject-{at}", 1) for at in range(many)], hashing)
    tracemalloc.start()
    with Uniques() as uniques:
        uniques.add(told)
        uniques.check(faults)
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not faults.count
    assert peak < 3_000_000  # of 200,000 hashes, some 64 bytes each as numbers in a set


@given(
    rows=st.lists(st.text("ab\\é", min_size=1), unique=True, max_size=9), cuts=st.lists(st.integers(0, 60))
)
async def test_a_sum_of_rows_is_the_same_in_any_order_and_however_the_text_comes(
    rows: list[str], cuts: list[int]
) -> None:
    hashing = Hashing()
    summed, text = Rows(hashing), "".join(f"{row}\n" for row in reversed(rows)).encode()
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in pairwise(places):
        await summed.add(text[start:end])
    assert summed.total == hashing.total("\n".join(rows))
    assert not rows or summed.total != hashing.total("\n".join(rows[1:]))
