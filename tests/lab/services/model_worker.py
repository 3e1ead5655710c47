# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that holds the model and computes: one JSON line in, one JSON line out, until its input ends."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

from . import model_file
from .settings import Settings


def score(bias: float, weights: list[float], features: list[float]) -> float:
    """Return the logistic score, between 0 and 1, of a linear model; features past the last weight do not count."""
    total = bias + sum(weight * feature for weight, feature in zip(weights, features, strict=False))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


def main() -> None:
    settings = Settings.from_environment()
    model = model_file.load(Path(settings.model_dir))
    time.sleep(settings.model_load_seconds)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        features = json.loads(line)
        if features:
            time.sleep(settings.inference_delay_seconds)
        print(json.dumps({"score": score(model["bias"], model["weights"], features)}), flush=True)


if __name__ == "__main__":
    main()
