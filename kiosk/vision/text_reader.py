"""What a line of text says: PaddleOCR's recognition network, decoded by its most likely path (CTC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.vision.manifest import Preprocessing
from kiosk.vision.onnx_session import as_input, open_session, unusable
from kiosk.vision.types import FloatArray, Pixels

LINE_HEIGHT_PX = 48
_LINES_AT_ONCE = 8
_WIDTH_STEP_PX = 16
_BLANK = 0


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text and how sure its characters are on average, 0..1."""

    text: str
    score: float


class TextReader:
    """Reads lines of text that were cut out. Safe from several threads, as onnxruntime is."""

    def __init__(self, weights: bytes, preprocessing: Preprocessing, threads: int = 1) -> None:
        """`weights` are the bytes of the ONNX file, which holds its alphabet; `threads` for one call.

        Raises KnownError(WEIGHTS_UNUSABLE) when they are no such network.
        """
        self._preprocessing = preprocessing
        self._session = open_session(weights, threads, "the text reader")
        self._input = self._session.get_inputs()[0].name
        letters = self._session.get_modelmeta().custom_metadata_map.get("character", "")
        self._alphabet = ["", *letters.splitlines(), " "]
        classes = self._session.get_outputs()[0].shape[-1]
        if classes != len(self._alphabet):
            raise unusable("the text reader", f"it tells {classes} from {len(self._alphabet)} characters")

    def read(self, lines: Sequence[Pixels]) -> list[ReadText]:
        """What each line says, in their order; a line is 48 x width x 3, uint8, BGR.

        Lines of about one width are read together; the narrower ones are filled up with grey.
        """
        texts: dict[int, ReadText] = {}
        order = sorted(range(len(lines)), key=lambda place: lines[place].shape[1])
        for start in range(0, len(order), _LINES_AT_ONCE):
            places = order[start : start + _LINES_AT_ONCE]
            scores = self.scores([lines[place] for place in places])
            texts.update((place, self._decoded(each)) for place, each in zip(places, scores, strict=True))
        return [texts[place] for place in range(len(lines))]

    def scores(self, lines: Sequence[Pixels]) -> FloatArray:
        """lines x steps x characters, float32: the bare network, which a benchmark takes for its floor."""
        width = -(-max(line.shape[1] for line in lines) // _WIDTH_STEP_PX) * _WIDTH_STEP_PX
        tensor = np.zeros((len(lines), 3, LINE_HEIGHT_PX, width), np.float32)
        for place, line in enumerate(lines):
            tensor[place, :, :, : line.shape[1]] = as_input(line[None], self._preprocessing)[0]
        return np.asarray(self._session.run(None, {self._input: tensor})[0], np.float32)

    def _decoded(self, scores: FloatArray) -> ReadText:
        """The likeliest character of each step; repeats count once, blanks part them."""
        best = scores.argmax(axis=1)
        is_new = (best != _BLANK) & (np.diff(best, prepend=_BLANK) != 0)
        if not is_new.any():
            return ReadText("", 0.0)
        text = "".join(self._alphabet[place] for place in best[is_new])
        return ReadText(text, float(scores.max(axis=1)[is_new].mean()))


def cut_line(pixels: Pixels, corners: FloatArray, width: float, height: float) -> Pixels:
    """A line of text, set upright and 48 pixels high, out of a picture; `corners` as `TextLine` has them."""
    columns = max(8, round(LINE_HEIGHT_PX * width / max(height, 1.0)))
    target = np.array([[0, 0], [columns, 0], [columns, LINE_HEIGHT_PX], [0, LINE_HEIGHT_PX]], np.float32)
    # From the surroundings only, made smaller first where the line is large: the cut takes one pixel for one.
    x1, y1 = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    x2, y2 = np.ceil(corners.max(axis=0)).astype(int) + 3
    part = pixels[y1:y2, x1:x2]
    inner = corners - np.array([x1, y1], np.float32)
    factor = LINE_HEIGHT_PX / height
    if factor < 0.5:
        part = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        inner = inner * np.float32(factor)
    turn = cv2.getPerspectiveTransform(inner.astype(np.float32), target)
    cut = cv2.warpPerspective(
        part, turn, (columns, LINE_HEIGHT_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.uint8)
