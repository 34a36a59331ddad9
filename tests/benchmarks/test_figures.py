"""What `kiosk bench` says of a figure."""

from __future__ import annotations

import json
import pickle

import pytest

from kiosk.benchmarks.figure import Figure, Goal, NotMeasured, PeerValue, percentile
from kiosk.errors import ErrorCode, KnownError
from ui import bench

PROMISED = {"name", "value", "unit", "floor", "floor_is", "ratio", "goal", "is_met", "load", "peers"}


def test_a_figure_has_every_promised_field_and_is_json() -> None:
    figure = Figure("search", 30.0, "ms", 20.0, "the bare product", Goal(at_most=40, ratio_at_most=1.5))
    said = json.loads(json.dumps(figure.as_dict()))
    assert set(said) == PROMISED
    assert said["ratio"] == 1.5
    assert said["is_met"] is True
    assert said["goal"] == {
        "at_most": 40,
        "at_least": None,
        "ratio_at_most": 1.5,
        "ratio_at_least": None,
    }


@pytest.mark.parametrize(
    ("value", "floor", "goal", "is_met"),
    [
        (41.0, 40.0, Goal(at_most=40), False),
        (9.0, None, Goal(at_least=10), False),
        (10.0, None, Goal(at_least=10), True),
        (31.0, 20.0, Goal(at_most=40, ratio_at_most=1.5), False),
        (31.0, None, Goal(ratio_at_most=1.5), False),
        (6.9, 10.0, Goal(ratio_at_least=0.7), False),
        (7.0, 10.0, Goal(ratio_at_least=0.7), True),
        (31.0, 20.0, None, None),
    ],
)
def test_a_goal_counts_as_met_only_when_every_bound_is_kept(
    value: float, floor: float | None, goal: Goal | None, is_met: bool | None
) -> None:
    assert Figure("any", value, "ms", floor, goal=goal).is_met is is_met


def test_a_row_says_the_floor_the_ratio_and_whether_the_goal_is_met() -> None:
    row = Figure("search", 30.0, "ms", 20.0, "the bare product", Goal(at_most=25)).as_row()
    assert row == ("search", "30 ms", "20 ms: the bare product", "1.50", "≤ 25 ms: not met", "")


def test_a_peer_is_told_with_how_many_times_better_the_figure_is_and_one_that_is_missing_with_why() -> None:
    peers = (PeerValue("slow", 60.0, times_at_least=1.5), PeerValue("gone", None, "it is not installed"))
    figure = Figure("search", 30.0, "ms", peers=peers)
    assert figure.as_row()[-1] == "slow: 60 ms, 2 x (≥ 1.5 x)\ngone: not measured: it is not installed"
    assert figure.as_dict()["peers"] == [
        {"name": "slow", "value": 60.0, "times_better": 2.0, "times_at_least": 1.5},
        {"name": "gone", "not_measured": "it is not installed"},
    ]
    assert figure.is_met is True


@pytest.mark.parametrize(
    ("value", "more_is_better", "peer", "times", "is_met"),
    [
        (30.0, False, 45.0, 1.5, False),
        (30.0, False, 60.0, 2.0, True),
        (6.0, True, 3.0, 2.0, True),
        (6.0, True, 4.0, 1.5, False),
        (0.9, True, 0.0, None, True),  # the peer found nothing
        (0.0, True, 0.0, None, False),  # nor did the kiosk
        (0.0, False, 0.1, None, True),  # no errors at all
    ],
)
def test_twice_as_good_as_a_peer_counts_the_right_way_round(
    value: float, more_is_better: bool, peer: float, times: float | None, is_met: bool
) -> None:
    beside = (PeerValue("peer", peer, times_at_least=2.0),)
    figure = Figure("any", value, "unit", peers=beside, more_is_better=more_is_better)
    assert figure.times_better(peer) == times
    assert figure.is_met is is_met


def test_a_goal_is_missed_when_a_peer_is_not_outdone_enough_and_kept_when_the_peer_is_not_there() -> None:
    slow, gone = PeerValue("slow", 31.0, times_at_least=2.0), PeerValue("gone", None, "", 2.0)
    assert Figure("any", 30.0, "ms", goal=Goal(at_most=40), peers=(slow,)).is_met is False
    assert Figure("any", 30.0, "ms", goal=Goal(at_most=40), peers=(gone,)).is_met is True
    assert Figure("any", 30.0, "ms", peers=(gone,)).is_met is None


def test_the_95th_percentile_of_twenty_is_the_nineteenth() -> None:
    values = [float(value) for value in range(1, 21)]
    assert percentile(values, 95) == 19
    assert percentile(values, 50) == 10
    assert percentile([7.0], 95) == 7
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 50)


def test_a_benchmark_that_cannot_run_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_clip() -> list[Figure]:
        raise KnownError(ErrorCode.CAMERA_NOT_FOUND, "The demo clip is not there.", "Fetch it.")

    def broken() -> list[Figure]:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(bench.BENCHMARKS, "search", without_clip)
    monkeypatch.setitem(bench.BENCHMARKS, "import", broken)
    [missing] = bench.measured("search")
    assert isinstance(missing, NotMeasured)
    assert missing.as_dict()["not_measured"].endswith("The demo clip is not there. Fetch it.")
    [failed] = bench.measured("import")
    assert failed.as_row()[1:3] == ("not measured", "ZeroDivisionError: division by zero")


def test_a_name_of_no_benchmark_runs_none_and_is_told_the_names_there_are() -> None:
    said: list[str] = []
    with pytest.raises(KnownError) as refused:
        bench.run_benchmarks("no such benchmark", said.append)
    assert said == []
    assert refused.value.code is ErrorCode.BENCHMARK_UNKNOWN
    assert all(name in refused.value.next_step for name in bench.BENCHMARKS)


def test_a_known_error_comes_whole_out_of_another_process() -> None:
    error = KnownError(ErrorCode.WEIGHTS_MISSING, "No weights.", "Fetch them.", {"name": "x"})
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.detail, copy.next_step, copy.params) == (
        error.code,
        error.detail,
        error.next_step,
        error.params,
    )
    assert str(copy) == str(error)
