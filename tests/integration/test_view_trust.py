"""`trust` over HTTP: the demo, a series of one body, what is refused."""

from services.connectors import demo
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, asked


async def test_the_demo_tells_what_is_lived_beside_how_decisions_were_treated(database: Database) -> None:
    async with told(database, list(demo.events(3))) as client:
        answer = await asked(client, "trust", interval="quarter")
        lived = [window["lived"][0] for window in answer["windows"]]
        assert [one["question"] for one in lived] == ["trust"] * len(lived)
        assert lived[0]["gap"] > lived[-1]["gap"] > 0
        assert all(one["fewest"] >= 5 for one in lived)
        assert {one["question"] for one in answer["associations"]} == {
            "trust",
            "clarity",
            "autonomy",
            "energy",
        }

        body = await asked(client, "trust", body="b-4", interval="quarter")
        for whole, part in zip(answer["windows"], body["windows"], strict=True):
            mine = [row for row in whole["bodies_lived"] if row["body"] == "b-4"]
            assert part["bodies_lived"] == mine
            assert part["bodies_signs"] == [row for row in whole["bodies_signs"] if row["body"] == "b-4"]

        refused = await client.get(f"/v1/ledgers/{LEDGER}/trust", params={"stakes": "huge"})
        assert (refused.status_code, refused.json()["where"]) == (400, "stakes")
