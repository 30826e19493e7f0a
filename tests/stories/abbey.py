"""An abbey: its chapter decides on its land once in eight months, and fell silent about its books."""

from tests.stories.telling import Story, day

MONKS = ("anselm", "bede", "cuthbert", "dunstan")


def told() -> Story:
    story = Story("abbey", "2014-01-06", "2022-08-01")
    story.people(*MONKS)
    story.body("chapter", *MONKS, rule="consent")
    for field in ("land", "books", "roof"):
        story.field(field, ["body/chapter"], "consent")
    _slow(story)
    _silent(story)
    _fresh(story)
    return story


def _slow(story: Story) -> None:
    for n in range(13):
        story.made(f"land-{n}", day("2014-02-03", 240 * n + n % 3), "land", "body/chapter")
    story.initiative("meadow", day("2014-02-03", 240 * 12 + 30), "land", "bede")
    story.near_miss("stalled", "land", "seven months are how long it always takes here")


def _silent(story: Story) -> None:
    for n in range(13):
        story.made(f"books-{n}", day("2020-05-04", 40 * n), "books", "body/chapter")
    story.initiative("catalogue", "2022-01-10", "books", "dunstan")
    story.knot("stalled", "books", None)


def _fresh(story: Story) -> None:
    story.made("roof-1", "2021-10-04", "roof", "body/chapter")
    story.initiative("tiles", "2022-05-20", "roof", "bede")
    story.made("roof-2", "2022-07-20", "roof", "body/chapter", initiative="tiles")
    story.near_miss("stalled", "roof", "nothing waited in the quiet months")
    story.near_miss("overdue", "roof", "what is to be looked at in five years is not late")
    story.made("roof-3", "2022-07-21", "roof", "body/chapter", review_on="2027-07-21T09:00:00Z")
