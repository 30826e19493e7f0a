"""Who may decide what, and the matrix that says so: what plain loops find in random histories and stories."""

import json
from collections.abc import Sequence
from datetime import datetime
from random import Random
from types import ModuleType
from typing import Any

import msgspec
import pytest

from services.connectors import demo
from services.projections.views.answer import RestsOn
from services.projections.views.matrix import matrix
from services.projections.views.remit import domain_remit, holder_remit
from tests.histories import DOMAINS, STAKES, history
from tests.oracle.asking import moments
from tests.oracle.oracle import World
from tests.oracle.reflective import reflective, taken
from tests.oracle.remitting import Remitting
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near

Facts = dict[str, Any]
WORDS = ("in_words", "rule_in_words", "why_null", "rests_on")
"""What repeats figures in words, or says why there are none."""
SETS = ("ways", "bodies", "consulted", "informed", "receives_escalations", "may_amend")


def plain(answer: Any) -> Any:
    """An answer as one would write it in JSON, without words."""
    return _plain(msgspec.to_builtins(answer, builtin_types=(datetime,)))


def _plain(told: Any) -> Any:
    if isinstance(told, list):
        return [_plain(one) for one in told]
    if not isinstance(told, dict):
        return told
    found = {name: _plain(value) for name, value in told.items() if name not in WORDS}
    for name in ("rule", "amend_rule", "limits"):
        if found.get(name):
            found[name] = {member: value for member, value in found[name].items() if value is not None}
    for name in SETS:
        if name in found:
            found[name] = in_order(found[name])
    if "others" in found:
        shares = [(-one["share"], one["holder"]) for one in found["others"]]
        assert shares == sorted(shares)
        found["others"] = {one["holder"]: one["share"] for one in found["others"]}
    return found


def in_order(found: Any) -> Any:
    return sorted(found, key=lambda one: json.dumps(one, sort_keys=True, default=str))


def sorted_out(told: Any) -> Any:
    """What the oracle says, in the order in which the answer is put here."""
    if isinstance(told, list):
        return [sorted_out(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {name: in_order(value) if name in SETS else sorted_out(value) for name, value in told.items()}


def compare(answer: Facts, figures: Facts, where: Any) -> None:
    assert set(answer) == set(figures)
    for name, found in figures.items():
        assert answer[name] == near(listed(found)), (name, answer[name], found, where)


def agree(events: Sequence[Facts], rng: Random, times: int, most: int = 20) -> None:
    """Of every domain and holder there is, or some of them."""
    for _, _, seen, world, when in moments(events, rng, times):
        rests_on = RestsOn(
            ledger="acme", position=1, root="", view="", version=1, at=seen.at, known_at=seen.at
        )
        told = Remitting(world)
        whole = matrix(rests_on, seen.structure, None, seen.at)
        assert [one.domain for one in whole.domains] == told.domains(), when
        for one in some(whole.domains, rng, most):
            compare(plain(one), sorted_out(told.matrix(one.domain)), when)
        for domain in some(told.domains(), rng, most):
            part = matrix(rests_on, seen.structure, domain, seen.at)
            below = [id for id in told.domains() if domain in world.line(id, told.t)]
            assert [one.domain for one in part.domains] == below, (domain, when)
            assert plain(part.history) == sorted_out(told.history(domain)), (domain, when)
            of = domain_remit(rests_on, seen.structure, domain, seen.at)
            assert plain(of.domain) == plain(next(one for one in part.domains if one.domain == domain))
            for lens in ("node", "seat"):
                answer, figures = plain(getattr(of, f"by_{lens}")), sorted_out(told.held(domain, lens))
                assert [near(one) for one in figures] == answer, (domain, lens, answer, figures, when)
        for holder in some(holders(world), rng, most):
            answer = plain(holder_remit(rests_on, seen.structure, holder, seen.at))
            compare(answer, sorted_out(told.remit(world.holder(holder))), (holder, when))


def some(of: Sequence[Any], rng: Random, most: int) -> Sequence[Any]:
    return of if len(of) <= most else rng.sample(list(of), most)


def holders(world: World) -> list[str]:
    """Whoever has a subject of their own, and somebody nobody knows."""
    found = {f"{fact['kind']}/{fact['id']}" for kind in ("actor", "body") for fact in world.of(kind)}
    return sorted(found | {"actor/nobody"})


def fuller(events: Sequence[Facts], rng: Random) -> list[Facts]:
    """The same, with rows that say more, and more that was cleared, moved and lent."""
    people = ["actor/a-1", "actor/a-2", "actor/a-3", "body/b-1", "body/b-2"]
    times = sorted(event["time"] for event in events)
    told: list[Facts] = []

    def more(event: Facts) -> Facts:
        if event["type"] != "locus.matrix.row_set.v1":
            return event
        data = dict(event["data"])
        if rng.random() < 0.5:
            data["amends"] = [{"holder": one} for one in rng.choices(people, k=rng.randint(1, 3))]
            data["amend_rule"] = {"kind": "any"}
        if rng.random() < 0.5:
            data |= {"accountable": rng.choice(people), "min_wait": "P3D"}
        return event | {"data": data}

    def tell(subject: str, what: str, **data: Any) -> None:
        event = {"specversion": "1.0", "id": f"fuller-{len(told)}", "source": "urn:test:more"}
        kind = subject.partition("/")[0]
        event |= {"subject": subject, "type": f"locus.{kind}.{what}.v1", "time": rng.choice(times)}
        told.append(event | {"data": data})

    for number in range(rng.randint(0, 12)):
        domain = rng.choice(DOMAINS)
        what = rng.choice(("cleared", "moved", "lent", "lent"))
        if what == "cleared":
            tell(f"matrix/{domain}", "row_cleared")
        elif what == "moved":
            parent = {"parent": rng.choice(DOMAINS)} if rng.random() < 0.8 else {}
            tell(f"domain/{domain}", "updated", name="Some field", **parent)
        else:
            one, *others = rng.sample(people, 3)
            data: Facts = {"scope": f"domain/{domain}", "from": one, "to": others}
            data |= {"limits": {"stakes_up_to": rng.choice(STAKES)}} if rng.random() < 0.6 else {}
            tell(f"mandate/more-{number}", "delegated", **data, redelegable=rng.random() < 0.5)
    return taken([*map(more, events), *told])


@pytest.mark.parametrize("seed", RANDOM)
def test_the_remits_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(fuller(reflective(history(rng), rng), rng), rng, times=3)


@pytest.mark.parametrize("story", STORIES)
def test_the_remits_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=2, most=4)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_remits_of_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=2, most=4)
