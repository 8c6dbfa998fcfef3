"""Cameras, recordings, pictures and streams, read as frames."""
