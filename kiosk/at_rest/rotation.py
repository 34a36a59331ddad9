"""Embeddings turned by a secret: what an index holds is of no use to whoever lacks the secret.

An orthogonal matrix keeps every length and every angle, so a search among turned embeddings with a turned
probe finds the same as without. To a probe that is not turned everything is a stranger. The secret can be
replaced (a template that leaked is worth nothing any more), and the same embeddings turned anew.

The matrix is made of 32 secret bytes, the same with every version of every library: SHAKE-256 of them gives
pairs of 64-bit words, each pair by Box and Muller two normal numbers, those a 512 x 512 matrix whose QR
decomposition, with the diagonal of R made positive, is spread evenly over all rotations and reflections (F.
Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the AMS 54, 2007).

It is no encryption: who has 512 embeddings both plain and turned can work the matrix out. So each tenant has
a matrix of their own, and where nothing has to be searched embeddings are encrypted (`kiosk.at_rest.vault`).
"""

from __future__ import annotations

import hashlib
from typing import cast

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
SIZE = 512
_CONTEXT = b"photo-kiosk rotation 1\n"
_WORDS = SIZE * SIZE


class Rotation:
    """An orthogonal map of 512 dimensions. Any thread."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: 32 secret bytes."""
        self._matrix = _orthogonal(seed).astype(np.float32)
        self._back = np.ascontiguousarray(self._matrix.T)

    def turn(self, rows: FloatArray) -> FloatArray:
        """Vectors (512, or n x 512) as they are stored; each number at most 1e-6 off what it exactly were."""
        return cast(FloatArray, rows @ self._matrix)

    def turn_back(self, rows: FloatArray) -> FloatArray:
        """Stored vectors as they were before, as near."""
        return cast(FloatArray, rows @ self._back)


def _orthogonal(seed: bytes) -> NDArray[np.float64]:
    words = np.frombuffer(hashlib.shake_256(_CONTEXT + seed).digest(8 * _WORDS), "<u8")
    uniform = ((words >> np.uint64(11)) + np.uint64(1)) * 2.0**-53  # 53 bits in (0, 1]: a logarithm follows
    radius, angle = np.sqrt(-2.0 * np.log(uniform[0::2])), 2.0 * np.pi * uniform[1::2]
    normal = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(SIZE, SIZE)
    q, r = np.linalg.qr(normal)
    return cast(NDArray[np.float64], q * np.sign(np.diagonal(r)))
