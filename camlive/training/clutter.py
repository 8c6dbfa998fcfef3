"""Textures and shapes that fill a picture without a digit: what the segmentation trips over."""

import cv2
import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.float32]  # (H, W, 3) BGR, 0 to 255


def clutter(canvas: Canvas, rng: np.random.Generator) -> None:
    """Fills a (H, W, 3) float32 canvas with one random kind of texture and some shapes."""
    kinds = (_fractal, _grains, _bricks, _strands)
    kinds[rng.integers(len(kinds))](canvas, rng)
    if rng.random() < 0.6:
        _shapes(canvas, rng)


def _fractal(canvas: Canvas, rng: np.random.Generator) -> None:
    """Noise of many scales, as cloth, rust, skin or leaves."""
    height, width = canvas.shape[:2]
    total = np.zeros((height, width), np.float32)
    fall = rng.uniform(0.4, 1.1)
    for octave in range(1, 8):
        grid = rng.normal(0, 1, (2**octave, 2**octave)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * fall**octave
    total *= rng.uniform(0.1, 0.5) / total.std()
    canvas *= np.exp(np.clip(total, -1.5, 1))[..., None]


def _grains(canvas: Canvas, rng: np.random.Generator) -> None:
    """Pebbles, coins or bubbles: filled ellipses with half an edge, for a whole one is a nought."""
    height, width = canvas.shape[:2]
    size = rng.uniform(5, 50)
    for _ in range(int(min(700, width * height / size**2))):
        centre = int(rng.integers(width)), int(rng.integers(height))
        axes = tuple(int(v) for v in 1 + size * rng.uniform(0.3, 1, 2))
        level = [float(v) for v in canvas.mean() * rng.uniform(0.3, 1.5) * np.ones(3)]
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(canvas, centre, axes, angle, 0, 360, level, -1, cv2.LINE_AA)
        cv2.ellipse(
            canvas,
            centre,
            axes,
            angle,
            0,
            float(rng.uniform(90, 250)),
            [v * 0.6 for v in level],
            int(rng.integers(1, 4)),
            cv2.LINE_AA,
        )


def _bricks(canvas: Canvas, rng: np.random.Generator) -> None:
    """Courses of bricks, tiles, window panes or shelves."""
    height, width = canvas.shape[:2]
    high, wide = rng.uniform(12, 70), rng.uniform(12, 160)
    joint = [float(canvas.mean() * rng.uniform(0.3, 1.6))] * 3
    thick = int(rng.integers(1, 7))
    for row, y in enumerate(np.arange(0, height, high)):
        cv2.line(canvas, (0, int(y)), (width, int(y)), joint, thick)
        for x in np.arange((row % 2) * wide / 2, width, wide):
            top = int(x), int(y)
            cv2.line(canvas, top, (int(x), int(y + high)), joint, thick)
            if rng.random() < 0.3:
                shade = [float(canvas.mean() * rng.uniform(0.5, 1.3))] * 3
                cv2.rectangle(canvas, top, (int(x + wide), int(y + high)), shade, -1)


def _strands(canvas: Canvas, rng: np.random.Generator) -> None:
    """Grass, hair, twigs, cracks or cables: many bent lines."""
    height, width = canvas.shape[:2]
    length = rng.uniform(15, 150)
    for _ in range(int(rng.integers(40, 500))):
        start = rng.uniform(0, (width, height))
        turns = np.cumsum(rng.normal(0, 0.35, 6)) + rng.uniform(0, 2 * np.pi)
        steps = np.stack([np.cos(turns), np.sin(turns)], 1) * length / 6
        points = np.round(start + np.cumsum(steps, 0)).astype(np.int32)
        level = [float(canvas.mean() * rng.uniform(0.2, 1.5))] * 3
        cv2.polylines(canvas, [points], False, level, int(rng.integers(1, 6)), cv2.LINE_AA)


def _shapes(canvas: Canvas, rng: np.random.Generator) -> None:
    """Bars, corners, boxes and triangles, filled or drawn."""
    height, width = canvas.shape[:2]
    for _ in range(int(rng.integers(3, 40))):
        centre = rng.uniform(0, (width, height))
        around = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 5))))
        radius = rng.uniform(6, 90) * rng.uniform(0.3, 1, len(around))
        corners = centre + np.stack([np.cos(around), np.sin(around)], 1) * radius[:, None]
        level = [float(v) for v in canvas.mean() * rng.uniform(0.2, 1.7) * np.ones(3)]
        points = [np.round(corners).astype(np.int32)]
        if rng.random() < 0.5:
            cv2.fillPoly(canvas, points, level, cv2.LINE_AA)
        else:
            closed = bool(rng.random() < 0.5)
            cv2.polylines(canvas, points, closed, level, int(rng.integers(1, 8)), cv2.LINE_AA)
