"""Small pictures as PNG data URIs, with the standard library's zlib alone (PNG, ISO 15948)."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2  # colour types


def png(image: npt.NDArray[np.uint8]) -> bytes:
    """A PNG file of an image, uint8 of shape [h, w] (grey), [h, w, 1] or [h, w, 3] (RGB).

    Raises:
        BadInput: another shape or type.
    """
    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    fits = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if pixels.dtype != np.uint8 or not fits or pixels.size == 0:
        raise BadInput(
            f"an image of {pixels.dtype} {list(pixels.shape)} cannot be drawn; "
            "give uint8 [h, w] or [h, w, 3]"
        )
    height, width = pixels.shape[:2]
    colour = _GREY if pixels.ndim == 2 else _RGB
    rows = pixels.reshape(height, -1)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1)  # filter 0 a line
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def data_uri(image: npt.NDArray[np.uint8]) -> str:
    """The image as `data:image/png;base64,...`; raises as `png` does."""
    return "data:image/png;base64," + base64.b64encode(png(image)).decode()
