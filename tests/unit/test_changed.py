"""What changed is told by scope and view, and stays small however much it is."""

from services.projections.changed import ANYTHING, MOST_NAMES, Change, Reads, Scope, scope_of, shown


def change(since: int, position: int, **by_kind: Scope) -> Change:
    return Change(since, position, by_kind)


PRICING = scope_of(["domain/pricing", "actor/ann", "decision/d-1"])
HIRING = scope_of(["matrix/hiring", "body/board", "initiative/i-1", "space/s-1"])


def test_each_view_is_told_what_it_reads_and_those_with_the_same_scope_together() -> None:
    told = shown(
        change(4, 6, decision=PRICING, matrix=HIRING),
        {
            "flow": Reads(frozenset({"decision"})),
            "matrix": Reads(frozenset({"matrix"})),
            "knots": Reads(None),
            "overview": Reads(None),
        },
    )
    assert [(one.views, one.domains) for one in told] == [
        (["flow"], ["pricing"]),
        (["knots", "overview"], ["hiring", "pricing"]),
        (["matrix"], ["hiring"]),
    ]
    assert (told[1].actors, told[1].bodies, told[1].initiatives) == (["ann"], ["board"], ["i-1"])


def test_two_changes_become_one() -> None:
    both = change(4, 6, decision=PRICING).then(change(6, 9, decision=HIRING, space=HIRING))
    assert (both.since, both.position) == (4, 9)
    assert both.by_kind == {"decision": PRICING | HIRING, "space": HIRING}
    assert change(4, 6, decision=PRICING).then(Change(6, 9, None)).by_kind is None


def test_beyond_so_many_names_anything_may_be_meant() -> None:
    half = MOST_NAMES // 2 + 1
    one = scope_of(f"actor/a-{n}" for n in range(half))
    other = scope_of(f"actor/b-{n}" for n in range(half))
    assert one.actors is not None
    assert (one | other).actors is None
    assert (one | other).domains == frozenset()
    assert scope_of(f"actor/a-{n}" for n in range(MOST_NAMES + 1)).actors is None


def test_where_nobody_can_tell_every_view_is_named_for_anything() -> None:
    [told] = shown(Change(1, 9_000, None), {"matrix": Reads(frozenset({"matrix"})), "flow": Reads(None)})
    assert told.views == ["flow", "matrix"]
    assert all(getattr(told, name) is None for name in ANYTHING.__struct_fields__)


def test_a_view_that_compares_with_others_is_named_whomever_it_is_asked_about() -> None:
    [told] = shown(
        change(4, 6, decision=PRICING), {"participation": Reads(None, frozenset({"actors", "bodies"}))}
    )
    assert (told.domains, told.decisions, told.actors, told.bodies) == (["pricing"], ["d-1"], None, None)
