"""Golden values of the layers of adflux-neural that read sequences, images and fields, from Keras.

Needs: tensorflow-cpu==2.21.0, keras==3.15.1 (requirements-neural.txt). Run: python tests/golden/make_neural_layers.py
Writes tests/golden/neural/layers_{recurrent,windows,attention}.json.
"""

import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

OUT = Path(__file__).parent / "neural"
k = keras.layers
rng = np.random.default_rng(11)
cases = []


def numbers(array):
    return np.asarray(array, dtype=np.float64).round(8).tolist()


def write(name):
    about = {"keras": keras.__version__, "tensorflow": tf.__version__}
    (OUT / f"layers_{name}.json").write_text(json.dumps({"versions": about, "cases": cases}) + "\n")
    cases.clear()


def values(*shape):
    return rng.normal(size=shape).astype(np.float32)


def fill(layer):
    for w in layer.weights:
        w.assign(rng.uniform(-0.9, 0.9, w.shape))


def short(weight):
    return weight.path.rsplit("/", 1)[-1]


def case(name, spec, layer, *inputs, rename=short, **call):
    """The layer alone: `inputs` in, what comes out."""
    layer(*inputs, **call)
    fill(layer)
    y = layer(*inputs, **call)
    weights = {f"{spec['layer']}/{rename(w)}": numbers(w) for w in layer.weights}
    cases.append({"name": name, "layers": [spec], "x": [numbers(x) for x in inputs], "weights": weights, "y": numbers(y)})


# The last steps of two rows, and a step in the middle of one, are padding.
CODES = np.array([[3, 1, 4, 2, 5], [2, 2, 0, 0, 0], [1, 0, 3, 4, 0]], dtype=np.float32)


def padded(name, spec, layer, rename=short, twice=False):
    """Behind an embedding with padding, `twice` for a layer of query and value."""
    table = k.Embedding(6, 3, mask_zero=True)
    run = lambda: layer(table(CODES), table(CODES)) if twice else layer(table(CODES))  # noqa: E731
    run()
    fill(table)
    fill(layer)
    y = run()
    weights = {"embedding/embeddings": numbers(table.weights[0])}
    weights.update({f"{spec['layer']}/{rename(w)}": numbers(w) for w in layer.weights})
    before = {"layer": "embedding", "input_dim": 6, "output_dim": 3, "mask_zero": True}
    cases.append({"name": name, "layers": [before, spec], "x": [numbers(CODES)], "weights": weights, "y": numbers(y)})


def way(weight):
    return f"{'backward' if 'backward' in weight.path else 'forward'}_{short(weight)}"


def recurrent():
    x = values(3, 4, 2)
    for kind, layer in [("lstm", k.LSTM), ("gru", k.GRU)]:
        for name, more in [("last", {}), ("all", {"return_sequences": True}), ("backwards", {"go_backwards": True}),
                           ("all_backwards", {"return_sequences": True, "go_backwards": True}),
                           ("no_bias", {"use_bias": False, "activation": "softsign", "recurrent_activation": "hard_sigmoid"})]:
            case(f"{kind}_{name}", {"layer": kind, "units": 3, **more}, layer(3, **more), x)
            padded(f"{kind}_{name}_padded", {"layer": kind, "units": 3, **more}, layer(3, **more))
        for mode in ["concat", "sum", "mul", "ave"]:
            every = mode in ["concat", "mul"]
            spec = {"layer": "bidirectional", "recurrent": {"layer": kind, "units": 2, "return_sequences": every}, "merge_mode": mode}
            both = lambda: k.Bidirectional(layer(2, return_sequences=every), merge_mode=mode)  # noqa: E731
            case(f"{kind}_both_{mode}", spec, both(), x, rename=way)
            padded(f"{kind}_both_{mode}_padded", spec, both(), rename=way)
    write("recurrent")


def windows():
    steps, image = values(2, 7, 2), values(2, 6, 5, 2)
    for name, more in [("valid", {}), ("same", {"padding": "same"}), ("same_strides", {"padding": "same", "strides": 2}),
                       ("strides", {"strides": 3, "use_bias": False}), ("dilation", {"padding": "same", "dilation_rate": 2})]:
        for size in [2, 3]:
            case(f"conv1d_{name}_{size}", {"layer": "conv1d", "filters": 3, "kernel_size": size, **more}, k.Conv1D(3, size, **more), steps)
        two = {key: [value, value] if key in ["strides", "dilation_rate"] else value for key, value in more.items()}
        case(f"conv2d_{name}", {"layer": "conv2d", "filters": 3, "kernel_size": [2, 3], "activation": "tanh", **two},
             k.Conv2D(3, (2, 3), activation="tanh", **more), image)
        case(f"depthwise_{name}", {"layer": "depthwise_conv2d", "kernel_size": [3, 2], "depth_multiplier": 2, **two},
             k.DepthwiseConv2D((3, 2), depth_multiplier=2, **more), image)
    for kind, one, two in [("max", k.MaxPooling1D, k.MaxPooling2D), ("average", k.AveragePooling1D, k.AveragePooling2D)]:
        for name, more in [("default", {}), ("same", {"padding": "same"}), ("strides", {"strides": 1, "padding": "same"}), ("apart", {"strides": 3})]:
            case(f"{kind}_pooling1d_{name}", {"layer": f"{kind}_pooling1d", "pool_size": 2, **more}, one(2, **more), steps)
            both = {key: [value, value] if key == "strides" else value for key, value in more.items()}
            case(f"{kind}_pooling2d_{name}", {"layer": f"{kind}_pooling2d", "pool_size": [3, 2], **both}, two((3, 2), **more), image)
    case("global_average_1d", {"layer": "global_average_pooling1d"}, k.GlobalAveragePooling1D(), steps)
    case("global_average_2d", {"layer": "global_average_pooling2d"}, k.GlobalAveragePooling2D(), image)
    case("global_max_1d", {"layer": "global_max_pooling1d"}, k.GlobalMaxPooling1D(), steps)
    case("global_max_2d", {"layer": "global_max_pooling2d"}, k.GlobalMaxPooling2D(), image)
    padded("global_average_1d_padded", {"layer": "global_average_pooling1d"}, k.GlobalAveragePooling1D())
    write("windows")


def of_part(weight):
    return "_".join(weight.path.split("/")[-2:])


def attention():
    x, other = values(2, 3, 4), values(2, 5, 2)
    kind = "multi_head_attention"

    def alone(name, spec, layer, *inputs, **call):
        run = lambda: layer(inputs[0], inputs[-1], **call)  # noqa: E731
        run()
        fill(layer)
        weights = {f"{kind}/{of_part(w)}": numbers(w) for w in layer.weights}
        cases.append({"name": name, "layers": [{"layer": kind, **spec}], "x": [numbers(x) for x in inputs], "weights": weights,
                      "y": numbers(run())})

    for name, spec in [("plain", {}), ("no_bias", {"use_bias": False}), ("value_dim", {"value_dim": 4})]:
        layer = lambda: k.MultiHeadAttention(2, 3, **spec)  # noqa: E731
        alone(name, {"num_heads": 2, "key_dim": 3, **spec}, layer(), x)
        alone(f"{name}_two", {"num_heads": 2, "key_dim": 3, **spec}, layer(), x, other)
    alone("causal", {"num_heads": 2, "key_dim": 3, "causal": True}, k.MultiHeadAttention(2, 3), x, use_causal_mask=True)
    padded("padded", {"layer": kind, "num_heads": 2, "key_dim": 3}, k.MultiHeadAttention(2, 3), of_part, True)

    # keras_hub's block, drawn with Keras's layers.
    class Block(k.Layer):
        def __init__(self, first, **more):
            super().__init__(**more)
            self.first = first
            self.attention = k.MultiHeadAttention(1 if first else 3, 3 if first else 1)
            self.norms = [k.LayerNormalization(epsilon=1e-5), k.LayerNormalization(epsilon=1e-5)]
            self.dense = [k.Dense(5, activation="relu"), k.Dense(3)]

        def call(self, x, mask=None):
            seen = None if mask is None else mask[:, None, :] & mask[:, :, None]
            (one, two), (inner, outer) = self.norms, self.dense
            if self.first:
                fed = one(x)
                x = x + self.attention(fed, fed, attention_mask=seen)
                return x + outer(inner(two(x)))
            x = one(x + self.attention(x, x, attention_mask=seen))
            return two(x + outer(inner(x)))

        def ours(self, weight):
            for place, part in enumerate(["attention_norm", "output_norm"]):
                if any(weight is w for w in self.norms[place].weights):
                    return f"{part}_{short(weight)}"
            for place, part in enumerate(["intermediate", "output"]):
                if any(weight is w for w in self.dense[place].weights):
                    return f"{part}_{short(weight)}"
            return of_part(weight)

    spec = {"layer": "transformer_encoder", "intermediate_dim": 5}
    for first in [False, True]:
        block = Block(first)
        case(f"block_first_{first}", {**spec, "num_heads": 1 if first else 3, "normalize_first": first}, block, values(2, 4, 3), rename=block.ours)
    block = Block(False)
    padded("block_padded", {**spec, "num_heads": 3}, block, block.ours)
    write("attention")


recurrent()
windows()
attention()
