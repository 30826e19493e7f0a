"""`participation` over HTTP: the demo as known now and before, one actor, a series, what is refused."""

from services.connectors import demo
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, asked


async def test_the_demo_tells_who_takes_part_and_one_actor_has_a_page_of_their_own(
    database: Database,
) -> None:
    async with told(database, list(demo.events(3))) as client:
        answer = await asked(client, "participation")
        (window,) = answer["windows"]
        assert answer["rests_on"]["view"] == "participation"
        assert window["spread"]["deciding"]["people"] > 50
        assert [one["holder"] for one in window["parts"]] == sorted(one["holder"] for one in window["parts"])

        mine = await asked(client, "participation", actor="a-39", interval="year")
        parts = [part for one in mine["windows"] for part in one["parts"]]
        assert {part["holder"] for part in parts} == {"actor/a-39"}
        whole = next(part for part in window["parts"] if part["holder"] == "actor/a-39")
        assert sum(p["advising"]["asked"]["count"] for p in parts) == whole["advising"]["asked"]["count"]
        assert [path["holder"] for path in mine["paths"]] == ["actor/a-39"]

        before = await asked(client, "participation", known_at=1000, actor="a-39")
        assert (
            before["windows"][0]["coverage"]["decisions"]["count"] < len(answer["windows"][0]["parts"]) * 10
        )
        entries = before["windows"][0]["coverage"]["decisions"]["entries"]
        assert max(entries) <= 1000

        refused = await client.get(f"/v1/ledgers/{LEDGER}/participation", params={"body": "b/3"})
        assert (refused.status_code, refused.json()["where"]) == (400, "body")
        refused = await client.get(f"/v1/ledgers/{LEDGER}/participation", params={"from": "soon"})
        assert (refused.status_code, refused.json()["where"]) == (400, "from")
