"""`learning` over HTTP: the demo as known now and before."""

from services.connectors import demo
from tests.conftest import Database
from tests.integration.told_site import told
from tests.integration.views_site import asked


async def test_the_demo_tells_what_was_learnt_and_before_nothing_of_what_came_after(
    database: Database,
) -> None:
    events = list(demo.events(3))
    async with told(database, events) as client:
        (window,) = (await asked(client, "learning"))["windows"]
        rows = window["lessons"]["rows"]
        assert {row["domain"] for row in rows} == {"learning", "support"}
        for row in rows:
            lesson, stated = (events[position - 1] for position in row["entries"])
            assert stated["data"]["basis"] == lesson["subject"] == f"lesson/{row['lesson']}"

        position = rows[0]["entries"][1]
        (before,) = (await asked(client, "learning", known_at=position - 1))["windows"]
        assert before["lessons"]["rows"] == []
        (after,) = (await asked(client, "learning", known_at=position))["windows"]
        assert after["lessons"]["rows"] == rows[:1]
        (part,) = (await asked(client, "learning", domain="support"))["windows"]
        assert [row["domain"] for row in part["lessons"]["rows"]] == ["support"]
