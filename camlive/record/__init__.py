"""What is kept of a run: video, frames, crops and JSON Lines."""
