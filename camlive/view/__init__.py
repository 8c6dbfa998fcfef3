"""What the window shows of frames, and what its keys do."""
