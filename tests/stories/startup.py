"""A start-up: a founder who still decides, two who price against each other, rules that came after."""

from tests.stories.telling import Story, day


def told() -> Story:
    story = Story("startup", "2025-01-06", "2025-12-31")
    story.people("zoe", "yan", "xia", "wim", "vera", "ugo")
    _outside_the_rows(story)
    _own_proposals(story)
    _afterwards(story)
    _twice(story)
    return story


def _outside_the_rows(story: Story) -> None:
    """Two are to decide together; a third does, five times, twice, and three times in thirty."""
    story.field("product", ("xia", "wim"), "all", stakes="low")
    for n in range(12):
        who = ["zoe"] if n in (2, 4, 7, 9, 11) else ["xia", "wim"]
        story.made(f"p-{n}", day("2025-08-04", 12 * n), "product", *who)
    story.knot("shadow authority", "product", "zoe", since=("2025-08-28", "2025-10-27"), severity="notice")
    story.field("brand", ("xia", "vera"), "all")
    for n in range(6):
        who = ["ugo"] if n in (2, 4) else ["xia", "vera"]
        story.made(f"b-{n}", day("2025-08-05", 20 * n), "brand", *who)
    story.near_miss("shadow authority", "brand", "only twice")
    story.field("design", ("xia", "yan"), "all")
    for n in range(30):
        who = ["vera"] if n in (12, 22, 29) else ["xia", "yan"]
        story.made(f"d-{n}", day("2025-08-06", 4 * n), "design", *who)
    story.near_miss("shadow authority", "design", "three of thirty are a tenth, and no more")


def _own_proposals(story: Story) -> None:
    story.field("spend", ("yan", "wim"))
    story.opened("s-1", "2025-03-03", "spend", "yan")
    story.made("s-1", "2025-03-04", "spend", "yan")
    story.knot("self-approval", "spend", "yan", since="2025-03-04")
    story.field("travel", ("ugo",))
    story.opened("s-2", "2025-03-05", "travel", "ugo")
    story.made("s-2", "2025-03-06", "travel", "ugo")
    story.near_miss("self-approval", "travel", "the row names nobody else")
    story.field("hiring", ("yan", "wim"), "all")
    story.opened("s-3", "2025-03-07", "hiring", "yan")
    story.made("s-3", "2025-03-10", "hiring", "yan", "wim")
    story.near_miss("self-approval", "hiring", "not alone")
    story.field("tools", ("wim", "zoe"))
    story.initiative("i-1", "2025-03-11", "tools", "wim")
    story.opened("s-4", "2025-03-12", "tools", "yan", initiative="i-1")
    story.made("s-4", "2025-03-13", "tools", "wim", initiative="i-1")
    story.knot("self-approval", "tools", "wim", since="2025-03-13")
    story.field("desks", ("wim", "zoe"))
    story.initiative("i-2", "2025-03-11", "desks", "zoe")
    story.opened("s-5", "2025-03-12", "desks", "wim", initiative="i-2")
    story.made("s-5", "2025-03-13", "desks", "wim", initiative="i-2")
    story.near_miss("self-approval", "desks", "opened by the one who decided, but proposed by another")


def _afterwards(story: Story) -> None:
    """Rows and a mandate said to have held already when they were set."""
    story.domain("contracts")
    story.made("c-1", "2025-06-10", "contracts", "vera")
    story.row("contracts", ("zoe", "vera"), when="2025-06-20", effective_from="2025-06-01T00:00:00Z")
    story.knot("retroactive", "contracts", "vera", since=("2025-06-10", "2025-06-20"), severity="notice")
    story.domain("leases")
    story.made("c-2", "2025-06-20T10:00", "leases", "zoe")
    story.row("leases", ("zoe",), when="2025-06-20T18:00", effective_from="2025-06-20T09:00:00Z")
    story.knot("retroactive", "leases", "zoe", since="2025-06-20", severity="info")
    story.field("operations", ("zoe", "ugo"))
    story.domain("office", parent="operations")
    story.made("c-3", "2025-07-09", "office", "ugo")
    story.row("office", ("ugo",), when="2025-07-20", effective_from="2025-07-10T00:00:00Z")
    story.made("c-4", "2025-07-21", "office", "ugo")
    story.near_miss("retroactive", "office", "decided before the row took effect and after it was set")
    for domain, starts in (("events", "2025-08-01T00:00:00Z"), ("perks", None)):
        story.field(domain, ("zoe",))
        lent = {"scope": f"domain/{domain}", "from_": "actor/zoe", "to": ["actor/ugo"]}
        story.tell("2025-08-20", "mandate.delegated", domain, **lent, effective_from=starts)
    story.made("c-5", "2025-08-10", "events", "ugo")
    story.made("c-6", "2025-08-21", "perks", "ugo")
    story.knot("retroactive", "events", "ugo", since=("2025-08-10", "2025-08-20"), severity="notice")
    story.near_miss("retroactive", "perks", "decided after the mandate was given")


def _twice(story: Story) -> None:
    """Yan prices, and so does Vera; discounts are lent; support was handed over."""
    story.field("pricing", ("yan",))
    story.field("discounts", ("yan",))
    lent = {"scope": "domain/discounts", "from_": "actor/yan", "to": ["actor/wim"]}
    story.tell("2025-02-01", "mandate.delegated", "discounts", **lent)
    for n in range(8):
        story.made(f"y-{n}", day("2025-09-01", 10 * n), "pricing", "vera" if n % 2 else "yan")
        story.made(f"w-{n}", day("2025-09-01", 10 * n), "discounts", "wim" if n % 2 else "yan")
    story.knot("overlap", "pricing", "vera", "yan", since=("2025-09-01", "2025-11-10"))
    story.knot("shadow authority", "pricing", "vera", since=("2025-09-11", "2025-10-31"))
    story.near_miss("overlap", "discounts", "one holds a mandate from the other")
    story.field("support", ("xia",))
    story.row("support", ("ugo",), when="2025-06-01")
    for n in range(4):
        story.made(f"x-{n}", day("2025-02-03", 5 * n), "support", "xia")
        story.made(f"u-{n}", day("2025-09-01", 5 * n), "support", "ugo")
    story.near_miss("overlap", "support", "one after the other, half a year apart")
    story.field("refunds", ("xia", "ugo"))
    for n in range(8):
        story.made(f"f-{n}", day("2025-09-02", 10 * n), "refunds", "xia" if n % 2 else "ugo")
    story.near_miss("overlap", "refunds", "an `any` rule says that either may")
