"""Waiting has an end, told apart from being cancelled."""

import asyncio

import pytest

from services.ledger.http_patience import Patience


async def after(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "answer"


async def test_an_answer_in_time_is_given() -> None:
    async with Patience(5) as patience:
        assert await patience.wait(after(0.01)) == "answer"


async def test_an_answer_too_late_is_a_timeout_and_the_task_goes_on() -> None:
    async with Patience(0.05) as patience:
        with pytest.raises(TimeoutError):
            await patience.wait(after(5))
        await asyncio.sleep(0.02)
        assert await patience.wait(after(0)) == "answer"


async def test_whoever_is_cancelled_stays_cancelled() -> None:
    async with Patience(5) as patience:
        task = asyncio.create_task(patience.wait(after(5)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_an_error_is_passed_on() -> None:
    async def fails() -> None:
        raise ValueError("no")

    async with Patience(5) as patience:
        with pytest.raises(ValueError, match="no"):
            await patience.wait(fails())
