"""Which of a page's marks are digits, and why the others are none."""
