"""`coordination` over HTTP: the demo, one space, a series, what is refused."""

from services.connectors import demo
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, asked


async def test_the_demo_tells_how_it_keeps_together_and_each_space_by_itself(database: Database) -> None:
    async with told(database, list(demo.events(3))) as client:
        answer = await asked(client, "coordination")
        (window,) = answer["windows"]
        assert window["kept"]["rate"] > 0.8
        assert [space["space"] for space in window["spaces"]] == [f"s-{n}" for n in range(1, 7)]
        assert any(pair["apart"] and pair["in_words"] == "never met" for pair in window["bodies"])
        assert window["said"]["obstacles_repeated"][0]["sessions"]["count"] > 5

        circle = await asked(client, "coordination", space="s-1", interval="year")
        (first, second) = circle["windows"]
        assert {one["space"] for one in (*first["spaces"], *second["spaces"])} == {"s-1"}
        whole = window["spaces"][0]["sessions"]["count"]
        assert first["sessions"]["count"] + second["sessions"]["count"] == whole

        refused = await client.get(f"/v1/ledgers/{LEDGER}/coordination", params={"space": "space/s-1"})
        assert (refused.status_code, refused.json()["where"]) == (400, "space")
        table = await client.get(f"/v1/ledgers/{LEDGER}/coordination", headers={"accept": "text/csv"})
        assert table.text.startswith("rests_on,")
