"""Curves as a few numbers, and back: what a surrogate predicts in place of every epoch.

    svd   S = U D V^T of the stacked curves;  c_k(y) = V_k^T y,  d_k(c) = V_k c
    vae   c_k the mean of q(c | y), d_k the decoder's mean; both of one hidden layer

Source: Yan 2022 (thesis), 5, Compression; Kingma and Welling 2014.

Deviations:
    [1] In the released code the VAE's hidden layers stand in a Python list, and no optimiser sees
        them; here they are trained. `trained=False` gives the released rows.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..core.errors import UnknownName

Values = npt.NDArray[np.float64]
COMPRESSIONS = ("svd", "vae")
HIDDEN, EPOCHS, RATE, KL_WEIGHT = 64, 400, 3e-3, 1e-3


class Compression(Protocol):
    """Codes of curves, and curves of codes."""

    def code(self, curves: Values) -> Values:
        """[n, epochs] -> [n, k]."""
        ...

    def curves(self, codes: Values) -> Values:
        """[n, k] -> [n, epochs]."""
        ...


class Svd:
    """The k first right singular vectors of the stacked curves, not centred."""

    def __init__(self, curves: Values, rank: int) -> None:
        self.basis: Values = np.linalg.svd(curves, full_matrices=False)[2][:rank]  # [k, epochs]

    def code(self, curves: Values) -> Values:
        found: Values = curves @ self.basis.T
        return found

    def curves(self, codes: Values) -> Values:
        found: Values = codes @ self.basis
        return found


class CurveVae:
    """A variational autoencoder of curves.

    Args:
        trained: whether hidden layers are. [1]
    """

    def __init__(self, curves: Values, rank: int, seed: int, trained: bool = True) -> None:
        import torch
        from torch import nn

        epochs = curves.shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder = nn.Sequential(
                nn.Linear(epochs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * rank)
            )
            self.decoder = nn.Sequential(
                nn.Linear(rank, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, epochs)
            )
            for part in (self.encoder, self.decoder):
                part[0].requires_grad_(trained)  # [1]
            self.rank = rank
            self._train(torch.as_tensor(curves, dtype=torch.float32))

    def _train(self, y: object) -> None:
        import torch

        assert isinstance(y, torch.Tensor)
        parts = [*self.encoder.parameters(), *self.decoder.parameters()]
        optimiser = torch.optim.Adam([part for part in parts if part.requires_grad], RATE)
        for _ in range(EPOCHS):
            mean, log_variance = self.encoder(y).split(self.rank, 1)
            noise = torch.randn(mean.shape)
            off = (self.decoder(mean + noise * (log_variance / 2).exp()) - y).square().mean()
            kl = (mean.square() + log_variance.exp() - log_variance - 1).mean() / 2
            optimiser.zero_grad()
            (off + KL_WEIGHT * kl).backward()
            optimiser.step()

    def code(self, curves: Values) -> Values:
        import torch

        with torch.no_grad():
            found = self.encoder(torch.as_tensor(curves, dtype=torch.float32))
        return found[:, : self.rank].double().numpy()

    def curves(self, codes: Values) -> Values:
        import torch

        with torch.no_grad():
            return self.decoder(torch.as_tensor(codes, dtype=torch.float32)).double().numpy()


def compression(
    kind: str, curves: Values, rank: int, seed: int, trained: bool = True
) -> Compression:
    """Fitted on curves [n, epochs].

    Raises:
        UnknownName: no such compression.
    """
    if kind == "svd":
        return Svd(curves, rank)
    if kind == "vae":
        return CurveVae(curves, rank, seed, trained)
    raise UnknownName("compression", kind, COMPRESSIONS)
