"""The spool gives back what it was given, by key and position, however little fits in memory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.spool import Spool


@pytest.mark.parametrize("stretch", [2, 100_000])
@settings(deadline=None)
@given(keys=st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), max_size=60))
def test_each_key_comes_back_with_its_positions_in_order(stretch: int, keys: list[bytes]) -> None:
    with Spool(b"secret", stretch) as spool:
        for position, key in enumerate(keys, 1):
            spool.add(key, position, ord(key))
        groups: list[list[int]] = []
        for met in spool.met():
            if not met.again:
                groups.append([])
            else:
                assert (met.before, met.number_before) == (groups[-1][-1], met.number)
            groups[-1].append(met.position)
    wanted = [[at for at, one in enumerate(keys, 1) if one == key] for key in set(keys)]
    assert sorted(groups) == sorted(wanted)
