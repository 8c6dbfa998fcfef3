"""Pictures and recordings of handwriting before a camera, with exact truth."""
