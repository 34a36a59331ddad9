"""Embeddings as 512 signed bytes, and how far a cosine taken from the bytes can be from the true one.

A vector v is kept as a code c and a scale s with v = s c + e, where |e| (the residual) is measured when the
code is made. The probe p is coded alike, p = t d + f. Then

    v.p - s t (c.d)  =  s c.f + e.p      so      |v.p - s t (c.d)|  <=  |s c| |f| + |e| |p|

by Cauchy and Schwarz, with |s c| <= |v| + |e|. The bound is proven for every pair, not estimated: a face
whose cosine from the codes plus its bound is below the similarity asked for cannot be a hit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simsimd
from numpy.typing import NDArray

from kiosk.vision.types import EMBEDDING_SIZE, FloatArray

Codes = NDArray[np.int8]
_LARGEST = 127
_LONGEST = 1.001
"""The greatest length of a vector that is taken for a unit vector."""
_ROUNDING = 4e-6
"""More than float32 loses in the few operations between a code's product and the bound."""


@dataclass(frozen=True, slots=True, eq=False)
class CodedRows:
    """n coded vectors: codes n x 512 int8, scales and residuals n float32."""

    codes: Codes
    scales: FloatArray
    residuals: FloatArray


def encode(vectors: FloatArray) -> CodedRows:
    """Codes of n x 512 vectors, none of them zero; residuals are rounded up."""
    exact = vectors.astype(np.float64)
    scales = (np.abs(exact).max(axis=1) / _LARGEST).astype(np.float32)
    steps = scales.astype(np.float64)[:, None]
    codes = np.clip(np.rint(exact / steps), -_LARGEST, _LARGEST)
    residuals = np.linalg.norm(exact - codes * steps, axis=1).astype(np.float32)
    return CodedRows(codes.astype(np.int8), scales, np.nextafter(residuals, np.float32(np.inf)))


class CodedProbe:
    """A probe, coded once and held against many coded vectors."""

    def __init__(self, probe: FloatArray) -> None:
        coded = encode(probe.reshape(1, EMBEDDING_SIZE))
        self._code = coded.codes
        self._scale = np.float32(coded.scales[0])
        residual, length = coded.residuals[0], np.linalg.norm(probe.astype(np.float64))
        self._of_residual = np.float32(length + residual + _ROUNDING)
        self._at_least = np.float32(_LONGEST * residual + _ROUNDING)

    def estimates(
        self, codes: Codes, scales: FloatArray, residuals: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """The cosine of each vector with the probe as its code tells it, and how far from the true one that
        can be at most: n float32 each."""
        # The products are below 2**24, where float32 is exact. No `out`: with it simsimd 6.5 miscounts the
        # references to None.
        cosines = np.asarray(simsimd.cdist(self._code, codes, "dot", out_dtype="float32"))[0]
        cosines *= scales * self._scale
        return cosines, residuals * self._of_residual + self._at_least
