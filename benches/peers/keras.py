"""Milliseconds a step of small networks: Keras on TensorFlow (CPU), and adflux in the same run.

    cargo build --release -p adflux-neural --example steps
    python benches/peers/keras.py --steps TARGET/release/examples/steps

Needs tests/golden/requirements-neural.txt.
"""

import argparse
import os
import subprocess
import sys
import time

# Else `import keras` would find this file.
sys.path.pop(0)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras  # noqa: E402
import numpy as np  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--steps", default="target/release/examples/steps")
arguments = parser.parse_args()

rng = np.random.default_rng(7)
print(subprocess.run([arguments.steps], check=True, capture_output=True, text=True).stdout)
print(f"keras {keras.__version__} on {keras.backend.backend()}, ms")
for widths, batch, epochs in [([64, 64, 32, 1], 32, 4), ([64, 128, 64, 1], 256, 16)]:
    x = rng.random((16384, 20), dtype=np.float32)
    y = (x[:, 0] + x[:, 1] > 1).astype(np.float32)
    bends = ["relu"] * (len(widths) - 1) + ["sigmoid"]
    layers = [keras.layers.Dense(w, activation=a) for w, a in zip(widths, bends)]
    model = keras.Sequential([keras.Input((20,)), *layers])
    model.compile("adam", "binary_crossentropy")
    # The first epoch compiles the graph.
    model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
    runs = []
    for _ in range(3):
        start = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)
        runs.append(1e3 * (time.perf_counter() - start) / (epochs * -(-len(x) // batch)))
    print(f"{str(widths) + f', batch {batch}':<28}{sorted(runs)[1]:>12.4f}")
