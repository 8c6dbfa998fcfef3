"""Which frames are read, where frames are read ahead."""

STOP = 8  # frames of 30 a second, from one that may be read to the next
LEAP = 2 * STOP  # from one that is read to the next, while the page stays as it is


class Counting:
    """A reader that knows how often it was asked."""

    def __init__(self, read):
        self.read, self.asked = read, []

    def __call__(self, image):
        self.asked.append(int(image[0, 0, 0]))
        return self.read(image)
