"""What TensorBoard's own reader finds below a folder: one JSON object with the scalars and histograms of each run.

Needs tests/tensorboard/requirements.txt. Run: python tests/tensorboard/read.py FOLDER
"""

import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

found = {}
for run in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
    events = EventAccumulator(str(run), size_guidance={"tensors": 0})
    events.Reload()
    tags = {}
    for tag in events.Tags()["tensors"]:
        plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
        points = [(event.step, tensor_util.make_ndarray(event.tensor_proto).tolist()) for event in events.Tensors(tag)]
        tags[tag] = {"plugin": plugin, "points": points}
    found[run.name] = tags
print(json.dumps(found))
