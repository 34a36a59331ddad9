"""The floor of watching cameras: the same streams and the same networks, without the kiosk around them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2

import kiosk.camera.rtsp_camera  # noqa: F401 - it sets OpenCV up
from kiosk.adapters import choose_engines
from kiosk.settings import Settings
from kiosk.vision.types import Pixels
from tests.measure.watching_shop import Camera


@dataclass(frozen=True, slots=True)
class Bare:
    """What the bare work takes: cores; how old pictures are when they arrive; how often one core alone could
    look at everybody."""

    cores: float
    arrival_s: list[float]
    all_faces_per_s: float


def watch_bare(
    cameras: Sequence[Camera], seconds: float, looks_per_s: float, embeddings_per_s: float
) -> Bare:
    """In a process of its own: OpenCV reads the streams, and the models run at these rates; that is all."""
    cv2.setNumThreads(1)
    engine = choose_engines(Settings().vision).live
    engine.warm_up()
    is_over = threading.Event()
    newest: list[Pixels] = []
    arrival_s: list[float] = []

    def read(camera: Camera) -> None:
        capture = cv2.VideoCapture(camera.address, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        while not is_over.is_set() and capture.grab():
            _, pixels = capture.retrieve()
            newest[:] = [pixels]
            age_s = camera.clock.age_s(pixels, time.monotonic())
            if age_s is not None and camera is cameras[0]:
                arrival_s.append(age_s)
        capture.release()

    readers = [threading.Thread(target=read, args=(camera,)) for camera in cameras]
    for reader in readers:
        reader.start()
    time.sleep(5)
    arrival_s.clear()
    began_s, cpu_s = time.monotonic(), time.process_time()
    owed, looked = 0.0, 0
    while time.monotonic() < began_s + seconds:
        found = engine.detect(newest[0])
        looked += 1
        owed += embeddings_per_s / looks_per_s
        engine.embed(newest[0], found[: int(owed)])
        owed -= min(len(found), int(owed))
        time.sleep(max(0.0, began_s + looked / looks_per_s - time.monotonic()))
    cores = (time.process_time() - cpu_s) / (time.monotonic() - began_s)
    is_over.set()
    for reader in readers:
        reader.join()
    pixels, began_s = newest[0], time.monotonic()
    for _ in range(10):
        engine.embed(pixels, engine.detect(pixels))
    return Bare(cores, arrival_s, 10 / (time.monotonic() - began_s))
