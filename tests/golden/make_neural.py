"""Golden values of adflux-neural from Keras.

Needs: tensorflow-cpu==2.21.0, keras==3.15.1 (requirements-neural.txt). Run: python tests/golden/make_neural.py
Writes tests/golden/neural/{activations,losses,layers,optimizers}.json.
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
rng = np.random.default_rng(7)
about = {"keras": keras.__version__, "tensorflow": tf.__version__}


def numbers(array):
    return np.asarray(array, dtype=np.float64).round(9).tolist()


def write(name, value):
    (OUT / f"{name}.json").write_text(json.dumps({"versions": about, **value}) + "\n")


def activations():
    names = [
        "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign",
        "exponential", "sigmoid", "hard_sigmoid", "hard_silu", "log_sigmoid", "tanh", "hard_tanh", "tanh_shrink",
        "softmax", "log_softmax",
    ]
    x = np.array([[-7.5, -2.0, -0.5, 0.0], [0.3, 1.0, 2.5, 7.0]], dtype=np.float32)
    values = {}
    for name in names:
        t = tf.Variable(x)
        weights = np.array([[0.5, -1.0, 2.0, 1.5], [1.0, 0.25, -0.75, 3.0]], dtype=np.float32)
        with tf.GradientTape() as tape:
            y = getattr(keras.activations, name)(t)
            out = tf.reduce_sum(y * weights)
        values[name] = {"y": numbers(y), "gradient": numbers(tape.gradient(out, t))}
    write("activations", {"x": numbers(x), "weights": numbers(weights), "of": values})


def losses():
    share = rng.uniform(0.01, 0.99, (6, 3)).astype(np.float32)
    share /= share.sum(1, keepdims=True)
    one = rng.uniform(0.02, 0.98, (6, 1)).astype(np.float32)
    real = rng.normal(size=(6, 2)).astype(np.float32) * 2
    truth = rng.normal(size=(6, 2)).astype(np.float32) * 2
    counts = rng.poisson(2.0, (6, 2)).astype(np.float32)
    classes = np.array([0, 2, 1, 1, 0, 2], dtype=np.float32).reshape(-1, 1)
    hot = np.eye(3, dtype=np.float32)[classes[:, 0].astype(int)]
    binary = np.array([0, 1, 1, 0, 1, 0], dtype=np.float32).reshape(-1, 1)
    logits = rng.normal(size=(6, 3)).astype(np.float32) * 3
    logit = rng.normal(size=(6, 1)).astype(np.float32) * 3
    weights = rng.uniform(0.2, 2.0, 6).astype(np.float32)
    k = keras.losses
    cases = [
        ("mse", k.MeanSquaredError(), truth, real, "mean_squared_error"),
        ("mae", k.MeanAbsoluteError(), truth, real, "mean_absolute_error"),
        ("huber", k.Huber(), truth, real, {"huber": {"delta": 1.0}}),
        ("huber_wide", k.Huber(delta=2.5), truth, real, {"huber": {"delta": 2.5}}),
        ("msle", k.MeanSquaredLogarithmicError(), counts, np.abs(real), "mean_squared_logarithmic_error"),
        ("poisson", k.Poisson(), counts, np.abs(real) + 0.1, "poisson"),
        ("bce", k.BinaryCrossentropy(), binary, one, {"binary_crossentropy": {}}),
        ("bce_logits", k.BinaryCrossentropy(from_logits=True), binary, logit, {"binary_crossentropy": {"from_logits": True}}),
        ("bce_smooth", k.BinaryCrossentropy(label_smoothing=0.1), binary, one, {"binary_crossentropy": {"label_smoothing": 0.1}}),
        ("focal", k.BinaryFocalCrossentropy(), binary, one, {"binary_focal_crossentropy": {"gamma": 2.0}}),
        ("focal_balanced", k.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.25, gamma=1.5), binary, one,
         {"binary_focal_crossentropy": {"gamma": 1.5, "alpha": 0.25}}),
        ("cce", k.CategoricalCrossentropy(), hot, share, {"categorical_crossentropy": {}}),
        ("cce_logits", k.CategoricalCrossentropy(from_logits=True), hot, logits, {"categorical_crossentropy": {"from_logits": True}}),
        ("cce_smooth", k.CategoricalCrossentropy(label_smoothing=0.2), hot, share, {"categorical_crossentropy": {"label_smoothing": 0.2}}),
        ("scce", k.SparseCategoricalCrossentropy(), classes, share, {"sparse_categorical_crossentropy": {}}),
        ("scce_logits", k.SparseCategoricalCrossentropy(from_logits=True), classes, logits,
         {"sparse_categorical_crossentropy": {"from_logits": True}}),
    ]
    out = []
    for name, loss, y, p, spec in cases:
        out.append({
            "name": name, "loss": spec, "truth": numbers(y), "predicted": numbers(p),
            "value": float(loss(y, p)), "weights": numbers(weights), "weighted": float(loss(y, p, sample_weight=weights)),
        })
    write("losses", {"cases": out})


def layers():
    x = rng.normal(size=(5, 4)).astype(np.float32) * np.array([1, 3, 0.1, 10], dtype=np.float32) + 1
    sequence = rng.normal(size=(3, 4, 2)).astype(np.float32)
    out = []

    def case(name, spec, layer, values, training=False):
        layer.build(values.shape)
        for w in layer.weights:
            w.assign(rng.uniform(0.3, 1.2, w.shape))
        before = {w.name: numbers(w) for w in layer.weights}
        y = layer(values, training=training)
        after = {w.name: numbers(w) for w in layer.weights}
        out.append({"name": name, "layer": spec, "x": numbers(values), "training": training, "y": numbers(y),
                    "weights": before, "after": after})

    k = keras.layers
    case("dense", {"layer": "dense", "units": 3, "activation": "tanh"}, k.Dense(3, activation="tanh"), x)
    case("dense_steps", {"layer": "dense", "units": 3, "use_bias": False}, k.Dense(3, use_bias=False), sequence)
    case("batch_normalization", {"layer": "batch_normalization"}, k.BatchNormalization(), x)
    case("batch_normalization_training", {"layer": "batch_normalization", "momentum": 0.8},
         k.BatchNormalization(momentum=0.8), x, True)
    case("batch_normalization_steps", {"layer": "batch_normalization", "scale": False},
         k.BatchNormalization(scale=False), sequence, True)
    case("layer_normalization", {"layer": "layer_normalization"}, k.LayerNormalization(), x)
    case("layer_normalization_steps", {"layer": "layer_normalization", "center": False}, k.LayerNormalization(center=False), sequence)
    case("embedding", {"layer": "embedding", "input_dim": 6, "output_dim": 3}, k.Embedding(6, 3),
         np.array([[0, 5, 2], [1, 1, 3]], dtype=np.float32))
    write("layers", {"cases": out})


def optimizers():
    o = keras.optimizers
    cases = [
        ("sgd", o.SGD(0.05), {"optimizer": "sgd", "learning_rate": 0.05}),
        ("momentum", o.SGD(0.02, momentum=0.9), {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9}),
        ("nesterov", o.SGD(0.02, momentum=0.9, nesterov=True),
         {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True}),
        ("adam", o.Adam(0.01), {"optimizer": "adam", "learning_rate": 0.01}),
        ("adamw", o.AdamW(0.01, weight_decay=0.05), {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.05}),
        ("rmsprop", o.RMSprop(0.005), {"optimizer": "rmsprop", "learning_rate": 0.005}),
        ("rmsprop_centered", o.RMSprop(0.005, momentum=0.5, centered=True),
         {"optimizer": "rmsprop", "learning_rate": 0.005, "momentum": 0.5, "centered": True}),
        ("adagrad", o.Adagrad(0.1), {"optimizer": "adagrad", "learning_rate": 0.1}),
    ]
    x = rng.normal(size=(40, 5)).astype(np.float32)
    y = (x[:, 0] - 2 * x[:, 1] + rng.normal(size=40) * 0.3 > 0).astype(np.float32).reshape(-1, 1)
    weights = rng.uniform(0.5, 2.0, 40).astype(np.float32)
    start = None
    out = []
    for name, optimizer, spec in cases:
        model = keras.Sequential([
            keras.Input((5,)),
            keras.layers.Dense(6, activation="relu", kernel_regularizer=keras.regularizers.L1L2(1e-3, 1e-2)),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.LayerNormalization(),
            keras.layers.Dense(1, activation="sigmoid"),
        ])
        if start is None:
            start = [w if "moving" in v.path or "gamma" in v.path else rng.normal(size=w.shape).astype(np.float32) * 0.5
                     for w, v in zip(model.get_weights(), model.weights)]
        model.set_weights(start)
        model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
        # Five batches of eight rows, four times: twenty steps.
        history = model.fit(x, y, epochs=4, batch_size=8, shuffle=False, sample_weight=weights, verbose=0)
        out.append({"name": name, "optimizer": spec, "loss": numbers(history.history["loss"]),
                    "accuracy": numbers(history.history["accuracy"]), "predicted": numbers(model.predict(x, verbose=0)),
                    "weights": [numbers(w) for w in model.get_weights()]})
    write("optimizers", {"x": numbers(x), "y": numbers(y), "row_weights": numbers(weights),
                         "start": [numbers(w) for w in start], "cases": out})


activations()
losses()
layers()
optimizers()
