"""What the tests' own waiting gives, and what it says when it was in vain."""

import pytest

from ..support.waiting import until, until_async


def test_what_came_is_returned() -> None:
    values = [0, "", [], 7]
    assert until(lambda: values.pop(0)) == 7


async def test_a_condition_may_be_awaited() -> None:
    values = [None, 7]

    async def next_one() -> int | None:
        return values.pop(0)

    assert await until_async(next_one) == 7
    assert await until_async(lambda: 8) == 8


@pytest.mark.parametrize(
    ("what", "told"),
    [("the bus", "the bus"), (lambda: ["two", "buses"], "['two', 'buses']"), ("", "arrived")],
)
async def test_what_was_waited_for_and_the_last_value_are_told(what, told: str) -> None:
    def arrived() -> list[int]:
        return []

    message = f"waited 0.01 s in vain for {told}; the last value was []"
    with pytest.raises(AssertionError) as caught:
        until(arrived, what, seconds=0.01)
    assert str(caught.value) == message
    with pytest.raises(AssertionError) as caught:
        await until_async(arrived, what, seconds=0.01)
    assert str(caught.value) == message


def test_a_lambda_is_told_by_its_text() -> None:
    with pytest.raises(AssertionError, match=r"for .*lambda: bool\(\[\]\)"):
        until(lambda: bool([]), seconds=0.01)
