"""What watching cameras comes to, over a real RTSP server: one stream, four streams, and from the door to the
name. Films are encoded beforehand, and served by processes of their own; cores are those of the shop's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.benchmarks.figure import Figure, Goal, percentile
from tests.film import LONGEST, write_film
from tests.measure.bare_watching import Bare, watch_bare
from tests.measure.door_films import (
    CLIPS,
    IN_VIEW_S,
    WIDTH,
    Pass,
    doors,
    people_of_clips,
    people_of_stills,
    three_faces,
)
from tests.measure.own_process import OwnProcess, in_own_process
from tests.measure.watching_shop import Camera, Record, watch_shop
from tests.peers.processes import PeerMissingError
from tests.rtsp_server import RtspServer, Served, rtsp_server_is_here

_FPS, _SLOW_FPS = 25, 10
_KBIT = 4000
_FACES = len(CLIPS)
_FREEZE_AFTER_S, _FROZEN_S = 12.0, 8.0
_NAME_PATIENCE_S = 0.4
"""Before the one who comes next is there."""


def measure_one_stream(seconds: float = 30.0) -> list[Figure]:
    """A camera of 1280 x 720 at 25 pictures a second with three people whom the shop knows."""
    with TemporaryDirectory(prefix="measure-streams-") as name, ExitStack() as stack:
        folder = Path(name)
        _, camera = _serve(stack, folder, "one", _FPS)
        record: Record = in_own_process(
            watch_shop, folder / "shop", [camera], people_of_clips(), seconds, True
        )
        looks, embeddings = len(_within(record)) / seconds, _embedded(record) / seconds
        bare: Bare = in_own_process(watch_bare, [camera], seconds / 2, looks, embeddings)
    named = [_named_per_s(record, column) for column in range(_FACES)]
    before, after = _embeddings_by_decision(record)
    newest = [age for _, _, age, _ in record.ages if age is not None]
    looked = [age for _, _, _, age in record.ages if age is not None]
    arrived = "the picture as it comes out of a bare decoder"
    return [
        Figure(
            "streams.one.recognitions_of_a_face",
            min(named),
            "1/s",
            bare.all_faces_per_s,
            "bare models on one core, every face in every look",
            Goal(at_least=8),
            more_is_better=True,
        ),
        Figure("streams.one.embeddings_before_the_name", before, "1/s"),
        Figure("streams.one.embeddings_after_the_name", after, "1/s"),
        _delay("streams.one.picture", newest, bare.arrival_s, arrived, 50, None),
        _delay("streams.one.picture", newest, bare.arrival_s, arrived, 95, 300),
        _delay("streams.one.picture_with_faces", looked, bare.arrival_s, arrived, 50, None),
        _delay("streams.one.picture_with_faces", looked, bare.arrival_s, arrived, 95, 300),
        Figure(
            "streams.one.cores",
            record.cores,
            "cores",
            bare.cores,
            _bare_is(looks, embeddings),
            Goal(at_most=1.2),
        ),
    ]


def measure_four_streams(seconds: float = 40.0) -> list[Figure]:
    """Four cameras of 1280 x 720 at 10 pictures a second with three people each; one of them freezes."""
    with TemporaryDirectory(prefix="measure-streams-") as name, ExitStack() as stack:
        folder = Path(name)
        film = _three_faces_film(folder, _SLOW_FPS)
        served = [_serve(stack, folder, f"s{number}", _SLOW_FPS, film) for number in range(4)]
        cameras = [camera for _, camera in served]
        shop = OwnProcess(watch_shop, folder / "shop", cameras, people_of_clips(), seconds, True)
        try:
            _wait_for(folder / "shop" / "live")
            began_s = time.monotonic()
            time.sleep(_FREEZE_AFTER_S)
            served[2][0].freeze()
            frozen_s = time.monotonic()
            time.sleep(_FROZEN_S)
            served[2][0].thaw()
            thawed_s = time.monotonic()
            record: Record = shop.result()
        finally:
            shop.kill()
        looks, embeddings = len(_within(record)) / seconds, _embedded(record) / seconds
        bare: Bare = in_own_process(watch_bare, cameras, seconds / 3, looks, embeddings)
    assert record.began_s <= began_s + 1
    others = {"s0", "s1", "s3"}
    states = [one for one in record.states if one[0] >= record.began_s]
    lost_s = next(at for at, camera, state, _, _ in states if camera == "s2" and state == "reconnecting")
    back_s = next(
        at for at, camera, state, _, _ in states if camera == "s2" and state == "live" and at > thawed_s
    )
    told_late = [behind for _, _, state, behind, _ in states if state == "live" and behind is not None]
    of_others = [age for at, camera, age, _ in record.ages if camera in others and age is not None]
    rates = {
        camera: statistics.fmean(
            rate for at, one, state, _, rate in states if one == camera and rate > 0 and state == "live"
        )
        for camera in others
    }
    lost_others = sum(camera in others and state != "live" for _, camera, state, _, _ in states)
    return [
        Figure("streams.four.others_lost", lost_others, "times", goal=Goal(at_most=0)),
        Figure("streams.four.behind_as_told", max(told_late), "s", goal=Goal(at_most=1)),
        Figure("streams.four.oldest_picture", max(of_others), "s", goal=Goal(at_most=1)),
        _delay(
            "streams.four.picture", of_others, bare.arrival_s, "as it comes out of a bare decoder", 95, None
        ),
        Figure("streams.four.frozen_to_told", lost_s - frozen_s, "s", goal=Goal(at_most=3)),
        Figure("streams.four.thawed_to_live", back_s - thawed_s, "s"),
        Figure("streams.four.looks_of_a_stream", min(rates.values()), "1/s", more_is_better=True),
        Figure(
            "streams.four.cores",
            record.cores,
            "cores",
            bare.cores,
            _bare_is(looks, embeddings),
        ),
    ]


def measure_door_to_name(people: int = 16) -> list[Figure]:
    """People of the calibration set come through a door, one after the other."""
    with TemporaryDirectory(prefix="measure-doors-") as name, ExitStack() as stack:
        folder = Path(name)
        known, shown = people_of_stills(people)
        pictures, passes, length = doors(shown, _FPS)
        assert length < LONGEST
        _check_server()
        film = Served(write_film(folder / "doors", pictures, _FPS, _KBIT), _FPS, length)
        server = stack.enter_context(RtspServer({"/door": film}))
        camera = Camera("door", server.address("/door"), server.clock("/door"))
        seconds = length / _FPS + 4
        record: Record = in_own_process(watch_shop, folder / "shop", [camera], known, seconds, True)
    took, wrong = _names(record, camera, passes)
    named = [one for one in took if one is not None]
    patience_s = (passes[0].leaves - passes[0].full_view) / _FPS
    whole = [patience_s if one is None else one for one in took]
    of = f"of {len(took)} who came; whoever got no name counts {patience_s:.1f} s"
    return [
        Figure("streams.door_to_name.p50", percentile(whole, 50), "s", None, of),
        Figure("streams.door_to_name.p95", percentile(whole, 95), "s", None, of, Goal(at_most=1)),
        Figure("streams.door_to_name.named", len(named) / len(took), "share", more_is_better=True),
        Figure("streams.door_to_name.wrong_names", wrong, "people", goal=Goal(at_most=0)),
    ]


def _serve(
    stack: ExitStack, folder: Path, name: str, fps: int, film: Served | None = None
) -> tuple[RtspServer, Camera]:
    film = film or _three_faces_film(folder, fps)
    server = stack.enter_context(RtspServer({"/live": film}))
    return server, Camera(name, server.address("/live"), server.clock("/live"))


def _three_faces_film(folder: Path, fps: int) -> Served:
    _check_server()
    length = 12 * fps
    return Served(write_film(folder / "three", three_faces(length), fps, _KBIT), fps, length)


def _bare_is(looks_per_s: float, embeddings_per_s: float) -> str:
    return f"bare decoding, {looks_per_s:.1f} bare looks and {embeddings_per_s:.1f} bare embeddings a second"


def _check_server() -> None:
    if not rtsp_server_is_here():
        raise PeerMissingError("no gst-rtsp-server under the system's Python")


def _within(record: Record) -> list[tuple[float, str, float | None, tuple[tuple[float, str], ...]]]:
    return [one for one in record.faces if record.began_s <= one[0] <= record.ended_s]


def _embedded(record: Record) -> int:
    return sum(len(middles) for at, middles in record.embedded if record.began_s <= at <= record.ended_s)


def _column(middle: float) -> int:
    return min(_FACES - 1, int(middle / WIDTH * _FACES))


def _named_per_s(record: Record, column: int) -> float:
    looks = sum(
        any(name and _column(middle) == column for middle, name in faces)
        for _, _, _, faces in _within(record)
    )
    return looks / (record.ended_s - record.began_s)


def _embeddings_by_decision(record: Record) -> tuple[float, float]:
    """A second and a face, from the first embedding to the name, and within the span, when all are named."""
    before = []
    for column in range(_FACES):
        times = [at for at, middles in record.embedded if any(_column(one) == column for one in middles)]
        named_s = next(
            at
            for at, _, _, faces in record.faces
            if any(name and _column(one) == column for one, name in faces)
        )
        until = [at for at in times if at <= named_s]
        before.append(len(until) / max(0.1, named_s - until[0] + 0.1))
    after = _embedded(record) / (record.ended_s - record.began_s) / _FACES
    return statistics.fmean(before), after


def _delay(
    name: str,
    ages_s: Sequence[float],
    floor_s: Sequence[float],
    floor_is: str,
    percent: int,
    most_ms: float | None,
) -> Figure:
    return Figure(
        f"{name}.p{percent}",
        percentile(list(ages_s), percent) * 1000,
        "ms",
        percentile(list(floor_s), percent) * 1000,
        floor_is,
        None if most_ms is None else Goal(at_most=most_ms),
    )


def _names(record: Record, camera: Camera, passes: Sequence[Pass]) -> tuple[list[float | None], int]:
    """Of each who came within the span, how long after their face was in full view their name was told; and
    how many of them got somebody else's."""
    took: list[float | None] = []
    wrong = 0
    for one in passes:
        full_s = camera.clock.sent_at_s(one.full_view, record.ended_s)
        if full_s < record.began_s:
            continue
        gone_s = full_s + (one.leaves - one.full_view) / _FPS
        if gone_s + _NAME_PATIENCE_S > record.ended_s:
            continue
        told = [
            (at, {name for _, name in faces if name})
            for at, _, _, faces in record.faces
            if full_s - IN_VIEW_S <= at <= gone_s + _NAME_PATIENCE_S
        ]
        wrong += any(names - {one.name} for _, names in told)
        took.append(next((max(0.0, at - full_s) for at, names in told if one.name in names), None))
    return took, wrong


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.05)
