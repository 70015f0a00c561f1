"""The operations that a traced network is told in: one name an operation, whatever spells it.

`nn.Conv2d`, `F.conv2d` and `aten.conv2d` are the same word. A word is made of tokens joined by "-":

    conv3x3-s2-bn-relu:64   a convolution by kernel, stride and dilation ("dwconv", "groupconv",
                            "deconv" for depthwise, grouped, transposed), what follows it, its width
    linear:10, embedding:32, lstm:64, gru, rnn, attention:64, transformer
    bn, ln, gn, in, rms     normalisations
    relu, gelu, silu, ...   see ACTIVATIONS
    maxpool3x3-s2, avgpool2x2-s2, avgpool-global, avgpool-to4x4, maxpool-...
    add, mul, concat, matmul, softmax, pad, upsample, sum, math
    input, output, other    `other` stands for whatever is not listed here

Shape-only operations (SHAPES: flatten, view, permute, slices, dropout in evaluation) have no word.
Source: none; the space of SubSelNet section 2 holds cells, this one any network. Deviations: none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

_SHAPES = """
    flatten unflatten view viewas reshape reshapeas permute transpose t mt swapaxes swapdims movedim
    squeeze unsqueeze contiguous clone detach alias to type typeas float half bfloat16 double cpu
    cuda expand expandas repeat repeatinterleave chunk split splitwithsizes tensorsplit unbind
    narrow select slice getitem getattr index indexselect size dim numel len identity dropout
    alphadropout featuredropout featurealphadropout pixelshuffle pixelunshuffle unfold fold
    channelshuffle copy liftfreshcopy
"""
_ACTIVATIONS = """
    relu relu6 leakyrelu rrelu prelu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh
    sigmoid logsigmoid tanh softplus softsign glu
"""
_MATHS = """
    pow square sqrt rsqrt exp log abs neg clamp clip maximum minimum sin cos where maskedfill
    normalize norm cumsum sign erf reciprocal
"""
SHAPES = frozenset(_SHAPES.split())
NORMS = {
    "batchnorm": "bn", "nativebatchnorm": "bn", "syncbatchnorm": "bn",
    "nativebatchnormlegitnotraining": "bn",  # torch.export before 2.6
    "layernorm": "ln",
    "nativelayernorm": "ln", "groupnorm": "gn", "instancenorm": "in", "rmsnorm": "rms",
    "localresponsenorm": "lrn",
}  # fmt: skip
ACTIVATIONS = {name: name for name in _ACTIVATIONS.split()} | {"swish": "silu"}
PLAIN = {
    "add": "add", "iadd": "add", "radd": "add", "sub": "add", "isub": "add", "rsub": "add",
    "mul": "mul", "imul": "mul", "rmul": "mul", "div": "mul", "truediv": "mul", "itruediv": "mul",
    "cat": "concat", "concat": "concat", "concatenate": "concat", "stack": "concat",
    "matmul": "matmul", "bmm": "matmul", "mm": "matmul", "einsum": "matmul", "baddbmm": "matmul",
    "addmm": "matmul", "bilinear": "matmul",
    "softmax": "softmax", "logsoftmax": "softmax", "softmin": "softmax",
    "pad": "pad", "zeropad": "pad", "circularpad": "pad", "constantpad": "pad",
    "reflectionpad": "pad", "replicationpad": "pad",
    "interpolate": "upsample", "upsample": "upsample", "upsamplingnearest": "upsample",
    "upsamplingbilinear": "upsample", "sum": "sum", "mean": "avgpool-global",
    "amax": "maxpool-global", "max": "maxpool-global",
    "scaleddotproductattention": "attention", "transformerencoderlayer": "transformer",
    "transformerencoder": "transformer", "transformerdecoderlayer": "transformer",
    "transformerdecoder": "transformer", "transformer": "transformer",
} | dict.fromkeys(_MATHS.split(), "math")  # fmt: skip
RECURRENT = ("lstm", "gru", "rnn")
OTHER = "other"
WORDS = (
    *sorted({*NORMS.values(), *ACTIVATIONS.values(), *PLAIN.values(), *RECURRENT}),
    *("conv", "linear", "embedding", "maxpool", "avgpool", OTHER),
)


@dataclass(frozen=True)
class Word:
    """A word: rank 0 carries weights, 1 normalises, 2 activates, -1 does none of these.

    In a run of rising ranks the later words are written behind the first.
    """

    name: str
    rank: int = -1
    width: int = 0


def normal(name: str) -> str:
    """ "Conv2d", "conv2d_" -> "conv"; "batch_norm", "BatchNorm1d" -> "batchnorm"."""
    return re.sub(r"(?<=\D)[123]d$", "", name.lower().replace("_", ""))


def word_of_module(layer: nn.Module) -> Word | None:
    """The word of a layer of torch.nn; None for one that only changes shapes."""
    module: Any = layer
    name, dims = normal(type(module).__name__), _dims(type(module).__name__)
    if name in ("conv", "convtranspose"):
        return _convolution(
            name == "convtranspose",
            *(module.kernel_size, module.stride, module.dilation, module.groups),
            module.in_channels,
            module.out_channels,
        )
    if name == "linear":
        return Word("linear", 0, module.out_features)
    if name in ("embedding", "embeddingbag"):
        return Word("embedding", -1, module.embedding_dim)
    if name in RECURRENT:
        return Word(name, -1, module.hidden_size)
    if name == "multiheadattention":
        return Word("attention", -1, module.embed_dim)
    if name in ("maxpool", "avgpool"):
        return _pool(name, module.kernel_size, module.stride, dims)
    if name in ("adaptivemaxpool", "adaptiveavgpool"):
        return _adaptive(name, module.output_size, dims)
    return _plain(name)


def word_of_function(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], weight: Sequence[int] | None
) -> Word | None:
    """The word of a function or method; `weight` is the shape of its second argument, if it has
    one."""
    name, dims = normal(name), _dims(name)

    def given(place: int, key: str, default: Any) -> Any:
        return args[place] if len(args) > place else kwargs.get(key, default)

    if name in ("conv", "convtranspose", "convolution") and weight is not None:
        moved = name == "convtranspose"  # its groups and dilation stand the other way round
        groups = given(6, "groups", 1)
        dilation = given(7 if moved else 5, "dilation", 1)
        out, inner = (weight[1] * groups, weight[0]) if moved else (weight[0], weight[1] * groups)
        stride = given(3, "stride", 1)
        return _convolution(moved, weight[2:], stride, dilation, groups, inner, out)
    if name == "linear" and weight is not None:
        return Word("linear", 0, int(weight[0]))
    if name == "embedding":  # F.embedding(x, weight), aten.embedding(weight, x)
        return Word("embedding")
    if name in RECURRENT:
        return Word(name)
    if name in ("maxpool", "avgpool", "maxpoolwithindices"):
        kernel = given(1, "kernel_size", 1)
        return _pool(name[:7], kernel, given(2, "stride", None), dims)
    if name in ("adaptivemaxpool", "adaptiveavgpool"):
        return _adaptive(name, given(1, "output_size", 1), dims)
    return _plain(name)


def _plain(name: str) -> Word | None:
    if name in SHAPES:
        return None
    if name in NORMS:
        return Word(NORMS[name], 1)
    if name in ACTIVATIONS:
        return Word(ACTIVATIONS[name], 2)
    return Word(PLAIN.get(name, OTHER))


def _convolution(
    transposed: bool, kernel: Any, stride: Any, dilation: Any, groups: int, inner: int, out: int
) -> Word:
    kind = "deconv" if transposed else "conv"
    if groups > 1:
        kind = ("dw" if groups == inner else "group") + kind
    dims = len(kernel)
    return Word(
        kind + _by(kernel, dims) + _marked("-s", stride, dims) + _marked("-d", dilation, dims),
        0,
        int(out),
    )


def _pool(name: str, kernel: Any, stride: Any, dims: int) -> Word:
    stride = kernel if stride in (None, [], ()) else stride
    return Word(name + _by(kernel, dims) + _marked("-s", stride, dims))


def _adaptive(name: str, size: Any, dims: int) -> Word:
    kind = name.removeprefix("adaptive")
    alone = {size} if isinstance(size, int) else set(size)
    return Word(f"{kind}-global" if alone == {1} else f"{kind}-to{_by(size, dims)}")


def _dims(name: str) -> int:
    """ "MaxPool1d", "max_pool1d" -> 1; 2 where nothing is said."""
    found = re.search(r"([123])d", name)
    return int(found[1]) if found else 2


def _by(value: Any, dims: int) -> str:
    """3 -> "3x3"; (3, 1) -> "3x1" """
    values = list(value) if isinstance(value, Sequence) else [value] * dims
    return "x".join(str(v) for v in (values * dims if len(values) == 1 else values))


def _marked(mark: str, value: Any, dims: int) -> str:
    """Nothing for 1; "-s2" for 2 and (2, 2); "-s2x1" for (2, 1)."""
    values = set(value) if isinstance(value, Sequence) else {value}
    if values == {1}:
        return ""
    return f"{mark}{values.pop()}" if len(values) == 1 else mark + _by(value, dims)
