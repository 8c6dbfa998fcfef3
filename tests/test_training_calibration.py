"""How sure the model is against how often it is right."""

import numpy as np
import pytest
from fixtures_mnist import mnist

from camlive.classifier import load_classifier, softmax
from camlive.detection import NOT_A_DIGIT
from camlive.preprocess import to_batch
from camlive.training.calibrate import (
    BINS,
    expected_calibration_error,
    fit_temperature,
    operating_curve,
    reliability,
)
from camlive.training.network import NONE_WEIGHT, build_network, calibrated, weighted
from camlive.training.readings import read_sheets


def test_reliability_on_a_hand_made_case():
    confidence, right = np.full(4, 0.78), np.array([True, True, True, False])
    means, shares, count = reliability(confidence, right)
    (used,) = np.flatnonzero(count)
    assert used == int(0.78 * BINS)
    assert count[used] == 4
    assert means[used] == pytest.approx(0.78)
    assert shares[used] == 0.75
    assert expected_calibration_error(confidence, right) == pytest.approx(0.03)
    assert expected_calibration_error(confidence[:0], right[:0]) == 0


def test_a_higher_least_confidence_trades_digits_for_certainty():
    confidence, right = np.array([0.9, 0.6, 0.4]), np.array([True, True, False])
    least, precision, recall = operating_curve(confidence, right, digits=4)
    at = {share: int(np.searchsorted(least, share)) for share in (0.3, 0.5, 0.7, 0.95)}
    assert [round(precision[k], 3) for k in at.values()] == [0.667, 1, 1, 1]
    assert [round(recall[k], 3) for k in at.values()] == [0.5, 0.5, 0.25, 0]


def test_held_out_sheets_are_read_as_pictures_are():
    def sheets(classify):
        return read_sheets(classify, mnist(), 24, np.random.default_rng(5))

    read = sheets(load_classifier())
    assert len(read.confidence) == len(read.right)
    assert 100 < read.right.sum() <= read.digits
    assert read.right.mean() > 0.9
    assert read.right[read.confidence > 0.9].mean() > read.right[read.confidence < 0.7].mean()
    nothing = sheets(lambda batch: np.tile(np.eye(11, dtype=np.float32)[10], (len(batch), 1)))
    assert len(nothing.confidence) == 0
    assert nothing.digits == read.digits


def test_the_temperature_undoes_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 11)).astype(np.float32)
    labels = np.array([rng.choice(11, p=p / p.sum()) for p in softmax(logits).astype(float)])
    assert fit_temperature(logits, labels) == pytest.approx(1, rel=0.1)
    assert fit_temperature(3 * logits, labels) == pytest.approx(3, rel=0.1)
    assert fit_temperature(logits / 2, labels) == pytest.approx(0.5, rel=0.1)


def test_the_calibrated_network_gives_the_logits_over_the_temperature():
    network = build_network()
    tiles = to_batch(mnist().x_test[:5])
    logits = np.asarray(network(tiles))
    np.testing.assert_allclose(calibrated(network, 2.0)(tiles), logits / 2, atol=1e-5)
    np.testing.assert_array_equal(np.asarray(network(tiles)), logits)


def test_of_the_weighted_network_only_the_odds_of_no_digit_differ():
    network = build_network()
    tiles = np.random.default_rng(1).random((5, 28, 28, 1), np.float32)
    more = (weighted(network)(tiles) - network(tiles)).numpy()
    np.testing.assert_allclose(more[:, :NOT_A_DIGIT], 0, atol=1e-5)
    np.testing.assert_allclose(more[:, NOT_A_DIGIT], np.log(NONE_WEIGHT), atol=1e-5)
