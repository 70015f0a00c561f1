"""The eleven parametric families of learning curves (Domhan et al. 2015, appendix): values that
rise with the epoch x = 1, 2, ...

    vapor pressure   exp(a + b / x + c log x)          pow3          c - a x^-alpha
    log log linear   log(a log x + b)                  hill3         y x^eta / (kappa^eta + x^eta)
    log power        a / (1 + (x / e^b)^c)             pow4          c - (a x + b)^-alpha
    mmf              alpha - (alpha - beta) / (1 + (kappa x)^delta)
    exp4             c - exp(-a x^alpha + b)           ilog2         c - a / log(x + 1)
    janoschek        alpha - (alpha - beta) exp(-kappa x^delta)
    weibull          alpha - (alpha - beta) exp(-(kappa x)^delta)

Source: Domhan et al. 2015; Yan 2022 (thesis), 5, WPM.

Deviations:
    [1] The released code of the thesis leaves the exponential of vapor pressure out; it is here.
    [2] The logarithm of log log linear is of at least 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
TINY = 1e-9


@dataclass(frozen=True)
class Family:
    """A function of x [t] and parameters [..., d], with where a fit begins and its bounds."""

    function: Callable[[Values, Values], Values]
    start: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __call__(self, x: Values, parameters: Values) -> Values:
        """Values at x, [..., t]; not finite where the parameters leave the domain."""
        with np.errstate(all="ignore"):
            return self.function(x, parameters[..., None])


def _vapor_pressure(x: Values, p: Values) -> Values:
    found: Values = np.exp(p[..., 0, :] + p[..., 1, :] / x + p[..., 2, :] * np.log(x))  # [1]
    return found


def _pow3(x: Values, p: Values) -> Values:
    found: Values = p[..., 0, :] - p[..., 1, :] * x ** -p[..., 2, :]
    return found


def _log_log_linear(x: Values, p: Values) -> Values:
    inner = np.maximum(p[..., 0, :] * np.log(x) + p[..., 1, :], TINY)  # [2]
    found: Values = np.log(inner)
    return found


def _hill3(x: Values, p: Values) -> Values:
    power = x ** p[..., 1, :]
    found: Values = p[..., 0, :] * power / (p[..., 2, :] ** p[..., 1, :] + power)
    return found


def _log_power(x: Values, p: Values) -> Values:
    found: Values = p[..., 0, :] / (1 + (x / np.exp(p[..., 1, :])) ** p[..., 2, :])
    return found


def _pow4(x: Values, p: Values) -> Values:
    found: Values = p[..., 0, :] - (p[..., 1, :] * x + p[..., 2, :]) ** -p[..., 3, :]
    return found


def _mmf(x: Values, p: Values) -> Values:
    alpha, beta, kappa, delta = (p[..., place, :] for place in range(4))
    found: Values = alpha - (alpha - beta) / (1 + (kappa * x) ** delta)
    return found


def _exp4(x: Values, p: Values) -> Values:
    found: Values = p[..., 0, :] - np.exp(-p[..., 1, :] * x ** p[..., 3, :] + p[..., 2, :])
    return found


def _janoschek(x: Values, p: Values) -> Values:
    alpha, beta, kappa, delta = (p[..., place, :] for place in range(4))
    found: Values = alpha - (alpha - beta) * np.exp(-kappa * x**delta)
    return found


def _weibull(x: Values, p: Values) -> Values:
    alpha, beta, kappa, delta = (p[..., place, :] for place in range(4))
    found: Values = alpha - (alpha - beta) * np.exp(-((kappa * x) ** delta))
    return found


def _ilog2(x: Values, p: Values) -> Values:
    found: Values = p[..., 0, :] - p[..., 1, :] / np.log(x + 1)
    return found


FAMILIES: dict[str, Family] = {
    "vapor pressure": Family(
        _vapor_pressure, (-0.3, -0.6, 0.05), (-10.0, -10.0, -2.0), (10.0, 10.0, 2.0)
    ),
    "pow3": Family(_pow3, (0.9, 0.5, 0.5), (-10.0, -10.0, 0.0), (10.0, 10.0, 5.0)),
    "log log linear": Family(_log_log_linear, (0.3, 1.5), (0.0, 0.0), (20.0, 20.0)),
    "hill3": Family(_hill3, (0.9, 0.6, 1.0), (0.0, 0.0, 0.0), (10.0, 5.0, 1e3)),
    "log power": Family(_log_power, (0.9, 0.5, -0.7), (0.0, -10.0, -5.0), (10.0, 10.0, 0.0)),
    "pow4": Family(_pow4, (0.9, 1.0, 1.0, 0.7), (-10.0, 1e-6, 0.0, 0.0), (10.0, 1e3, 1e3, 10.0)),
    "mmf": Family(_mmf, (0.9, 0.3, 0.3, 1.0), (-10.0, -10.0, 1e-6, 0.0), (10.0, 10.0, 1e2, 5.0)),
    "exp4": Family(_exp4, (0.9, 0.5, 0.0, 0.5), (-10.0, 0.0, -10.0, 0.0), (10.0, 1e2, 5.0, 3.0)),
    "janoschek": Family(
        _janoschek, (0.9, 0.3, 0.3, 0.7), (-10.0, -10.0, 0.0, 0.0), (10.0, 10.0, 1e2, 5.0)
    ),
    "weibull": Family(
        _weibull, (0.9, 0.3, 0.2, 0.7), (-10.0, -10.0, 1e-6, 0.0), (10.0, 10.0, 1e2, 5.0)
    ),
    "ilog2": Family(_ilog2, (0.9, 0.3), (-10.0, -10.0), (10.0, 10.0)),
}


def fitted(family: Family, x: Values, y: Values) -> tuple[Values, float]:
    """Parameters [d] of least squares within the bounds, and the sum of squares."""
    from scipy.optimize import least_squares

    def off(parameters: Values) -> Values:
        return np.nan_to_num(family(x, parameters) - y, nan=1e3, posinf=1e3, neginf=-1e3)

    found = least_squares(
        off, family.start, bounds=(family.lower, family.upper), max_nfev=200, x_scale="jac"
    )
    return found.x, float(2 * found.cost)
