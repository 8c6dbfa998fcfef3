"""Builds the classifier: data, camera-like augmentation, network, fit, report."""
