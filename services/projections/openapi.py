"""What OpenAPI says of answers that have two forms, so that the framework cannot know it."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIType, Operation, Parameter, Schema

from services.platform.openapi import also_given
from services.projections.negotiating import CSV, TABLE


@dataclass
class Tabular(Operation):
    """An operation whose answer is JSON, or one of its tables as CSV."""

    def __post_init__(self) -> None:
        """Name the other form, and the parameter that chooses the table."""
        table = Parameter(
            name=TABLE,
            param_in="query",
            schema=Schema(type=OpenAPIType.STRING),
            description="With `Accept: text/csv`: which list of the answer, by where it stands in it"
            " (`windows.rows`); an unknown one is answered with the names there are.",
        )
        self.parameters = [*(self.parameters or ()), table]
        also_given(self, CSV)
