"""A head of 106 points in space, drawn in any pose, with lids that close."""

from __future__ import annotations

import numpy as np

from kiosk.vision.types import FloatArray


def _head(closed: float) -> np.ndarray:
    """106 x 3, in units of the eyes' distance; z is towards the camera."""
    head = np.zeros((106, 3))
    angles = np.linspace(-0.1, np.pi + 0.1, 33)
    head[:33] = np.column_stack([-0.95 * np.cos(angles), 1.3 * np.sin(angles), np.full(33, -0.5)])
    for first, side in ((33, -1), (42, 1)):
        x = side * np.linspace(0.75, 0.25, 5)
        head[first : first + 5] = np.column_stack([x, np.full(5, -0.42), np.zeros(5)])
        head[first + 5 : first + 9] = np.column_stack([x[::-1][:4], np.full(4, -0.36), np.zeros(4)])
    head[51:55] = [[0, 0, 0.1], [0, 0.2, 0.2], [0, 0.38, 0.32], [0, 0.55, 0.45]]
    head[55:66] = np.column_stack(
        [np.linspace(-0.25, 0.25, 11), 0.65 + 0.02 * np.arange(11), np.full(11, 0.2)]
    )
    gap = 0.1 * (1 - closed)
    for first, side in ((66, -1), (75, 1)):
        x = side * 0.5 + np.linspace(-0.2, 0.2, 5)
        head[first : first + 5] = np.column_stack([x, [0, -gap, -1.2 * gap, -gap, 0], np.zeros(5)])
        head[first + 5 : first + 8] = np.column_stack([x[3:0:-1], [gap, gap, gap], np.zeros(3)])
        head[first + 8] = [side * 0.5, 0, 0]
    head[84:104] = np.column_stack(
        [
            0.35 * np.cos(np.linspace(np.pi, -np.pi, 20)),
            1.0 + 0.1 * np.sin(np.linspace(0, 6, 20)),
            np.zeros(20),
        ]
    )
    head[86:89] = [[-0.1, 0.93, 0.1], [0, 0.93, 0.1], [0.1, 0.93, 0.1]]
    head[84], head[90] = [-0.35, 1.0, 0], [0.35, 1.0, 0]
    head[104:106] = [[-0.5, 0, 0], [0.5, 0, 0]]
    return head


def drawn_points(yaw: float = 0.0, closed: float = 0.0, size_px: float = 60.0) -> FloatArray:
    """The points as a camera far away sees them; positive `yaw` (radians) is to the picture's right, `closed`
    0..1 how far the lids are shut."""
    x, y, z = _head(closed).T
    seen = np.column_stack([x * np.cos(yaw) + z * np.sin(yaw), y])
    return np.asarray(seen * size_px + [160, 100], np.float32)
