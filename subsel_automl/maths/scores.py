"""Scores of examples, from what a network says of them: one number an example, higher = harder.

    loss              -log p_y
    entropy           -sum_c p_c log p_c                  (SubSelNet 5.2; Coleman et al. 2020, 2)
    least confidence  1 - max_c p_c                       (Coleman et al. 2020, 2)
    margin            1 - (p_(1) - p_(2))                 (Coleman et al. 2020, 2)
    EL2N              ||p - y||_2                         (Paul et al. 2021, Definition 2.3)
    GraNd             ||(p - y) outer [h, 1]||_F          (Paul et al. 2021, Definition 2.2; last
                      = ||p - y||_2 ||[h, 1]||_2           layer alone as in SubSelNet D.2)
    forgetting        times that "right" turns to "wrong" (Toneva et al. 2019, Definition 2.1)
    area under the margin: mean over epochs of z_y - max_{c != y} z_c, higher = easier
                                                          (Pleiss et al. 2020, Eq. 1)

Networks speak in log-probabilities [n, c] (`log_softmax` of logits); scores come in float64.
Deviations: none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Table = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]


def log_softmax(logits: Table) -> Scores:
    """[n, c] -> log-probabilities [n, c]; log-probabilities stay what they are."""
    shifted = _exact(logits)
    shifted = shifted - shifted.max(1, keepdims=True)
    out: Scores = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return out


def loss(log_probabilities: Table, labels: Labels) -> Scores:
    """Cross-entropy against the labels. [n, c], [n] -> [n]"""
    return -_exact(log_probabilities)[np.arange(len(labels)), labels]


def entropy(log_probabilities: Table) -> Scores:
    """Of the predicted distribution, in nats; 0 log 0 = 0. [n, c] -> [n]"""
    log_p = _exact(log_probabilities)
    p = np.exp(log_p)
    out: Scores = -(p * np.where(p > 0, log_p, 0)).sum(1)
    return out


def least_confidence(log_probabilities: Table) -> Scores:
    """1 minus the largest probability. [n, c] -> [n]"""
    best: Scores = np.exp(_exact(log_probabilities)).max(1)
    return 1 - best


def margin(log_probabilities: Table) -> Scores:
    """1 minus the distance between the two largest probabilities. [n, c] -> [n]

    A single class has a second probability of 0.
    """
    p: Scores = np.exp(_exact(log_probabilities))
    if p.shape[1] == 1:
        return 1 - p[:, 0]
    two = np.partition(p, p.shape[1] - 2, axis=1)[:, -2:]
    return 1 - (two[:, 1] - two[:, 0])


def el2n(log_probabilities: Table, labels: Labels) -> Scores:
    """Length of the error vector p - y, in 0..sqrt(2). [n, c], [n] -> [n]"""
    error = np.exp(_exact(log_probabilities))
    error[np.arange(len(labels)), labels] -= 1
    return _lengths(error)


def grand(error: Table, inner: Table) -> Scores:
    """Norm of the last layer's gradient from its two factors, never the product.

    Args:
        error: p - y, [n, c].
        inner: the last layer's input with a one behind it, [n, d + 1].
    """
    return _lengths(error) * _lengths(inner)


def label_margin(log_probabilities: Table, labels: Labels) -> Scores:
    """z_y minus the largest other logit: above 0 where the network is right. [n, c], [n] -> [n]

    Logits and log-probabilities give the same. A single class, with nothing to take it for, has 1.
    """
    rows, others = np.arange(len(labels)), np.array(log_probabilities, np.float64)
    if others.shape[1] == 1:
        return np.ones(len(others))
    own: Scores = others[rows, labels].copy()
    others[rows, labels] = -np.inf
    best: Scores = others.max(1)
    return own - best


def area_under_margin(margins: Table) -> Scores:
    """Mean margin over the epochs; low for mislabelled examples. [epochs, n] -> [n]"""
    mean: Scores = _exact(margins).mean(0)
    return mean


def forgetting_events(correct: npt.NDArray[np.bool_]) -> Labels:
    """How often "right" was followed by "wrong". [epochs, n] -> [n]

    An example that was never right counts as most forgettable (Toneva et al. 2019, Section 3):
    it gets the number of epochs, which no other example can reach.
    """
    seen = np.asarray(correct, bool)
    events = (seen[:-1] & ~seen[1:]).sum(0)
    return np.where(seen.any(0), events, len(seen)).astype(np.int64)


def _exact(table: Table) -> Scores:
    return np.asarray(table, np.float64)


def _lengths(rows: Table) -> Scores:
    """[n, k] -> [n]"""
    out: Scores = np.linalg.norm(_exact(rows), axis=1)
    return out
