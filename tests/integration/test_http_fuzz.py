"""Whatever the OpenAPI document allows or forbids, the ledger never answers 500."""

import asyncio
from collections import Counter

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from tests.conftest import Database
from tests.integration.ledger_process import serving
from tests.integration.ledger_site import LEDGER, bearer, token

_PATIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def fuzz(address: str, headers: dict[str, str], examples: int) -> Counter[int]:
    """Ask every operation `examples` things, half of them against its schema; how often each status came."""
    schema = schemathesis.openapi.from_url(f"{address}/schema/openapi.json", headers=headers)
    seen: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @settings(
                max_examples=examples // 2,
                deadline=None,
                database=None,
                derandomize=examples < 1_000,
                suppress_health_check=_PATIENT,
                phases=[Phase.generate],
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def never_500(case: schemathesis.Case) -> None:
                if case.path_parameters and "ledger" in case.path_parameters:
                    case.path_parameters["ledger"] = LEDGER
                if case.operation.path.endswith("/live"):  # it never ends: the head of the answer will do
                    asked = case.as_transport_kwargs(headers=headers)
                    with requests.request(**asked, stream=True, timeout=20) as begun:
                        seen[begun.status_code] += 1
                    return
                answer = case.call(headers=headers, timeout=20, stream=False)
                seen[answer.status_code] += 1
                case.validate_response(answer, checks=[not_a_server_error])

            never_500()
    return seen


async def fuzzed(database: Database, examples: int) -> Counter[int]:
    headers = bearer(await token(database))
    async with serving(database) as address:
        async with httpx.AsyncClient(base_url=address, headers=headers) as client:
            assert (await client.post("/v1/ledgers", json={"ledger": LEDGER})).status_code == 201
        return await asyncio.to_thread(fuzz, address, headers, examples)


async def test_schemathesis_finds_no_500(database: Database) -> None:
    seen = await fuzzed(database, 20)
    assert seen.total() > 100
    assert not [status for status in seen if status >= 500]


@pytest.mark.long
async def test_schemathesis_finds_no_500_for_long(database: Database) -> None:
    seen = await fuzzed(database, 2_000)
    assert not [status for status in seen if status >= 500]
