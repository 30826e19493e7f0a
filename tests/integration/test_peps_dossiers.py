"""Who was asked about a proposal, and who may decide it, is in its dossier: small histories."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.connectors.peps import read
from services.projections.cases import Cases
from services.projections.dossier import decision, initiative
from services.projections.flow.stages import pieces
from services.projections.history import History
from services.projections.views.answer import RestsOn
from tests.pasts import past
from tests.peps import Repository, instant, pep

RESTS_ON = RestsOn(ledger="acme", position=1, root="", view="dossier", version=1, at=None, known_at=None)
HEADERS = {"Post_History": "20-Jan-2013", "Discussions_To": "dev@e.org", "BDFL_Delegate": "Nick C <n@e.org>"}


@pytest.fixture
def events(tmp_path: Path) -> list[dict[str, Any]]:
    """Two proposals alike; one is decided in March, in hand of the delegate who was named before."""
    history = Repository(tmp_path / "build")
    history.commit("2013-01-01T10:00:00+00:00", pep(425, "Draft") | pep(426, "Draft"))
    history.commit("2013-02-01T10:00:00+00:00", pep(425, "Draft", **HEADERS) | pep(426, "Draft", **HEADERS))
    history.commit("2013-03-01T10:00:00+00:00", pep(425, "Accepted", **HEADERS))
    return list(read(history.clone(tmp_path / "clone")))


def as_of(events: list[dict[str, Any]], at: str) -> History:
    return past(events, at=instant(at), every=timedelta())


@pytest.mark.parametrize(("id", "at"), [("pep-0425", "2013-02-02"), ("pep-0426", "2013-04-01")])
def test_a_proposal_that_is_not_decided_shows_who_was_asked_and_its_mandates(
    events: list[dict[str, Any]], id: str, at: str
) -> None:
    history = as_of(events, at)
    whole = initiative.dossier(RESTS_ON, history, id)
    assert (len(whole.consultations), len(whole.mandates), whole.decisions) == (2, 1, [])
    (piece,) = [piece for piece in pieces(Cases(history)) if piece.of == f"initiative/{id}"]
    assert piece.passed["consulted"].at == instant("2013-01-20")


def test_one_that_is_decided_shows_them_beside_the_decision_too(events: list[dict[str, Any]]) -> None:
    history = as_of(events, "2013-04-01")
    (act,) = history.acts
    assert act.mandate == "yes"
    for whole in (
        decision.dossier(RESTS_ON, history, "pep-0425"),
        initiative.dossier(RESTS_ON, history, "pep-0425"),
    ):
        assert (len(whole.consultations), len(whole.mandates)) == (2, 1)
