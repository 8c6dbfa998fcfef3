"""What light, lens and sensor do to a picture. Pure functions: the picture given is kept.

Each takes `strength`: 0 does nothing to be seen, 1 is the worst that a person would still film.
"""

import cv2
import numpy as np
import numpy.typing as npt

from camlive.detection import Image

FIELD_PX = 96  # light is worked out on a field this wide, then enlarged
MOST_BLUR = 0.008  # widest blur, as a share of the picture's longer side
MOST_NOISE = 12.0  # strongest noise, standard deviation in grey levels
LONG_PX = 9.0  # longest motion that is blurred at full size
GRAIN_SIGMA = 37.0  # standard deviation of the mean of four uniform bytes

Field = npt.NDArray[np.float32]  # (H, W) or (H, W, 3), 1 = as lit as before


def light(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Lights a picture unevenly: a gradient, a shadow, a vignette, exposure, a colour cast.

    Args:
        image: (H, W, 3) uint8 BGR.
        rng: which light.
        strength: 0 (even, white) to 1 (dim, coloured, a dark shadow).

    Returns:
        (H, W, 3) uint8 BGR.
    """
    return shine(image, light_field(image.shape[1] / image.shape[0], rng, strength))


def light_field(aspect: float, rng: np.random.Generator, strength: float) -> Field:
    """Makes up one light, to be used on several pictures of one scene.

    Args:
        aspect: width of the picture over its height.
        rng: which light.
        strength: 0 to 1.

    Returns:
        (h, w, 3) float32, a small picture of factors for blue, green, red.
    """
    height = max(8, round(FIELD_PX / aspect))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : FIELD_PX * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    field = 1 + strength * rng.uniform(0, 0.35) * along
    field *= 1 - strength * rng.uniform(0, 0.25) * (x * x + y * y) / 2
    field *= _shadow(x, y, rng, strength)
    exposure = 2 ** (strength * rng.uniform(-1.3, 0.35))
    warmth, tint = strength * rng.uniform((-0.15, -0.04), (0.2, 0.04))
    cast = np.array([1 - warmth, 1 + tint, 1 + warmth])
    return np.asarray(field[..., None] * exposure * cast, np.float32)


def shine(image: Image, field: Field) -> Image:
    """Lights a (H, W, 3) uint8 BGR picture with a `light_field`."""
    size = (image.shape[1], image.shape[0])
    levels = np.clip(field * 128, 0, 255).astype(np.uint8)
    large = cv2.resize(levels, size, interpolation=cv2.INTER_CUBIC)
    return cv2.multiply(image, large, scale=1 / 128).astype(np.uint8, copy=False)


def lens(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Blurs a picture: out of focus, moved while the shutter was open, or sharp.

    Args:
        image: (H, W, 3) uint8 BGR.
        rng: which blur.
        strength: 0 (sharp) to 1 (strong blur).

    Returns:
        (H, W, 3) uint8 BGR.
    """
    reach = strength * MOST_BLUR * max(image.shape[:2]) * rng.random()
    if rng.random() < 0.5:
        return defocus(image, reach)
    return motion_blur(image, 2 * reach, rng.uniform(0, np.pi))


def defocus(image: Image, radius_px: float) -> Image:
    """Blurs a (H, W, 3) uint8 picture alike in all directions; below 0.3 pixels it is kept."""
    if radius_px < 0.3:
        return image.copy()
    return cv2.GaussianBlur(image, (0, 0), radius_px / 1.5).astype(np.uint8, copy=False)


def motion_blur(image: Image, length_px: float, angle: float) -> Image:
    """Blurs a (H, W, 3) uint8 picture along a line; below 1 pixel it is kept.

    Args:
        image: (H, W, 3) uint8 BGR.
        length_px: how far the picture moved while the shutter was open.
        angle: the way it moved, in radians from the x axis.
    """
    if length_px < 1:
        return image.copy()
    if length_px > LONG_PX:  # as smooth at half the size, and many times faster
        size = (image.shape[1], image.shape[0])
        half_size = (max(1, size[0] // 2), max(1, size[1] // 2))
        small = cv2.resize(image, half_size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        return cv2.resize(motion_blur(small, length_px / 2, angle), size).astype(np.uint8)
    half = int(np.ceil(length_px / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    step = length_px / 2 * np.array([np.cos(angle), np.sin(angle)])
    ends = np.rint((np.stack([-step, step]) + half) * 16).astype(np.int32)
    cv2.polylines(kernel, [ends], False, 1, 1, cv2.LINE_8, 4)
    return cv2.filter2D(image, -1, kernel / kernel.sum()).astype(np.uint8, copy=False)


def sensor(image: Image, rng: np.random.Generator, strength: float) -> Image:
    """Adds noise, grainier in colour when strong, and the blocks of JPEG.

    Args:
        image: (H, W, 3) uint8 BGR.
        rng: which noise.
        strength: 0 (clean) to 1 (a dark room, much compressed).

    Returns:
        (H, W, 3) uint8 BGR.
    """
    noisy = noise(image, rng, strength * MOST_NOISE * rng.random())
    quality = round(100 - 70 * strength * rng.random())
    if quality > 95:
        return noisy
    _, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def noise(image: Image, rng: np.random.Generator, sigma: float) -> Image:
    """Adds noise with standard deviation `sigma` in grey levels to a (H, W, 3) uint8 picture."""
    bits = np.frombuffer(rng.bytes(image.size), np.uint8).reshape(image.shape)
    grain = cv2.blur(bits, (2, 2))  # near to normal, and neighbours alike as colour filters make it
    gain = sigma / GRAIN_SIGMA
    return cv2.addWeighted(image, 1, grain, gain, -127.5 * gain).astype(np.uint8, copy=False)


def _shadow(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    rng: np.random.Generator,
    strength: float,
) -> npt.NDArray[np.float64]:
    """A shadow over one side, its edge hard or soft, bent like the edge of a head or a hand."""
    angle, place, bend = rng.uniform(0, 2 * np.pi), rng.uniform(-0.6, 0.9), rng.normal(0, 0.4)
    across = x * np.cos(angle) + y * np.sin(angle)
    along = y * np.cos(angle) - x * np.sin(angle)
    softness = 10 ** rng.uniform(-1.6, -0.2)
    depth = strength * rng.uniform(0.1, 0.6) * (rng.random() < 0.6)
    return np.asarray(1 - depth / (1 + np.exp((across - place + bend * along**2) / softness)))
