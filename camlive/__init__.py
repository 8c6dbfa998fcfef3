"""camlive reads handwritten digits that a person holds up to a camera."""

import os

__version__ = "0.1.0"

# A small file must not fill the memory: a picture has so many pixels at most. OpenCV asks once,
# when it is loaded.
if not os.environ.get("OPENCV_IO_MAX_IMAGE_PIXELS", "").isdecimal():
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(2**27)

# NumPy's products here are small. The threads of its BLAS would keep a core busy waiting for more.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
