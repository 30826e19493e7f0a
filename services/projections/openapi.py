"""What OpenAPI says of answers that have two forms, so that the framework cannot know it."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIResponse, OpenAPIType, Parameter, Schema

from services.platform.openapi import Told, also_given, also_sent
from services.projections.negotiating import CSV, TABLE

_TEXT = Schema(type=OpenAPIType.STRING)


@dataclass
class Tabular(Told):
    """An operation whose answer is JSON, or one of its tables as CSV; or 304, where the client has it."""

    def __post_init__(self) -> None:
        """Name the other form, the parameter that chooses the table, and what tells answers apart."""
        super().__post_init__()
        table = Parameter(
            name=TABLE,
            param_in="query",
            schema=_TEXT,
            description="With `Accept: text/csv`: which list of the answer, by where it stands in it"
            " (`windows.rows`); an unknown one is answered with the names there are.",
        )
        held = Parameter(
            name="If-None-Match",
            param_in="header",
            schema=_TEXT,
            description="The `ETag` of an answer that the client has: 304 if it would be the same.",
        )
        self.parameters = [*(self.parameters or ()), table, held]
        also_given(self, CSV)
        self.responses = {**(self.responses or {}), "304": OpenAPIResponse("As the client has it")}
        for status in (200, 304):
            also_sent(self, status, "ETag", "Tells this answer from every other")
        rests_on = "With CSV: the answer's `rests_on`, as JSON"
        also_sent(self, 200, "Locus-Rests-On", rests_on, always=False)
