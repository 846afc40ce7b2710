"""Pauses between attempts."""

from jupyter_node_deploy.backoff import Backoff


def test_pauses_double_up_to_the_longest():
    assert [Backoff(2.0, 30.0).pause(failures) for failures in range(7)] == [0, 2, 4, 8, 16, 30, 30]


def test_the_first_failures_may_be_free():
    assert [Backoff(0.5, 2.0, free=2).pause(failures) for failures in range(7)] == [
        *(0, 0, 0),
        *(0.5, 1, 2, 2),
    ]


def test_who_fails_for_days_is_tried_again_all_the_same():
    assert Backoff(0.5, 60.0, free=1).pause(10**6) == 60
