"""A print's page beside the bare work, and how soon a real CUPS has it."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from kiosk.benchmarks.figure import Figure, Goal
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.page import print_page
from kiosk.printing.paper import pixels
from kiosk.printing.types import Paper, SpoolState
from kiosk.sales.types import Finish, PrintSize
from kiosk.vision.types import Box
from tests.peers.cups import CupsServer
from tests.peers.processes import PeerMissingError

_PAPER = Paper(PrintSize.S10X15, Finish.GLOSSY)
_SIZE = (6000, 4000)
_FACES = (Box(2500, 1200, 3100, 2000), Box(3400, 1300, 3900, 2000))
_LANCZOS = Image.Resampling.LANCZOS
_ROUNDS = 15
_QUEUE = "measured"


def measure_print_page() -> list[Figure]:
    """A 24-megapixel JPEG to 10x15: pages a second, in turn with the bare work, by their medians. The floor
    is quoted twice: as whoever opens the file plainly does it, decoded whole; and decoded at half its size,
    as the page is."""
    photo = measured_photo()
    page, whole, half = _in_turn(
        lambda: _page(photo), lambda: _bare(photo), lambda: _bare(photo, halved=True)
    )
    goal = Goal(ratio_at_least=0.7)
    rates = [
        Figure(f"print_page.{name}", 1 / page, "pages/s", 1 / floor, work, goal, more_is_better=True)
        for name, floor, work in (
            ("beside_whole", whole, "decode whole, Lanczos, encode"),
            ("beside_half", half, "decode at half its size, Lanczos, encode"),
        )
    ]
    return [*rates, *_accepted(photo)]


def _accepted(photo: bytes) -> list[Figure]:
    """From an original in memory to a job that CUPS has let go; and what of it is spent at CUPS."""
    try:
        with CupsServer() as server:
            behind = server.add_printer(_QUEUE)
            behind.slow(0.01)
            printer = CupsPrinter(server.socket)
            took = [_send(printer, photo, f"measured-{number}") for number in range(_ROUNDS)]
    except PeerMissingError:
        return []
    whole_s, sent_s = (statistics.median(times) for times in zip(*took, strict=True))
    return [
        Figure("print_page.to_accepted", whole_s, "s", goal=Goal(at_most=2.0)),
        Figure("print_page.at_cups", sent_s, "s"),
    ]


def _send(printer: CupsPrinter, photo: bytes, name: str) -> tuple[float, float]:
    began_s = time.perf_counter()
    page = print_page(photo, _FACES, _PAPER, 1, None, None)
    ready_s = time.perf_counter()
    spool_id = printer.begin(_QUEUE, name)
    printer.send(_QUEUE, spool_id, page)
    ended_s = time.perf_counter()
    if printer.job(_QUEUE, spool_id).state is SpoolState.HELD:
        raise RuntimeError("CUPS has not let the job go")
    return ended_s - began_s, ended_s - ready_s


def _in_turn(*works: Callable[[], object]) -> list[float]:
    """The median seconds of each, one round of all after another."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(_ROUNDS):
        for times, work in zip(took, works, strict=True):
            began_s = time.perf_counter()
            work()
            times.append(time.perf_counter() - began_s)
    return [statistics.median(times) for times in took]


def _page(photo: bytes) -> bytes:
    return print_page(photo, _FACES, _PAPER, 1, None, None).pdf


def _bare(photo: bytes, halved: bool = False) -> bytes:
    image: Image.Image = Image.open(io.BytesIO(photo))
    if halved:
        image.draft("RGB", (_SIZE[0] // 2, _SIZE[1] // 2))
    file = io.BytesIO()
    image.resize(pixels(_PAPER.size)[::-1], _LANCZOS).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()


def measured_photo() -> bytes:
    """As many details as in a camera's picture: about 8 MB."""
    coarse = np.random.default_rng(24).integers(0, 255, (500, 750, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize(_SIZE, Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()
