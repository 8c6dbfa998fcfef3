"""Which frames are read, where frames are read ahead."""

LEAP = 7  # frames of 30 a second, from one that is read to the next


class Counting:
    """A reader that knows how often it was asked."""

    def __init__(self, read):
        self.read, self.asked = read, []

    def __call__(self, image):
        self.asked.append(int(image[0, 0, 0]))
        return self.read(image)
