# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""model-server: POST /predict {"features": [numbers]} answers {"score": number}, computed by a worker process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import faults, model_file
from .logs import log
from .settings import Settings
from .web import Application, HttpError, Request, Response

# Exit codes of sysexits.h: EX_DATAERR for a model file that is not right, EX_SOFTWARE for a worker that died.
EXIT_BAD_MODEL = 65
EXIT_WORKER_DIED = 70


def set_up(application: Application, settings: Settings) -> None:
    directory = Path(settings.model_dir)
    try:
        model_file.read(directory)
    except model_file.ModelFileError as error:
        log("fatal", "the model cannot be served", error=str(error))
        sys.exit(EXIT_BAD_MODEL)
    worker = Worker()

    def predict(request: Request) -> Response:
        features = numbers(request.body.get("features"))
        if worker.loading():
            raise HttpError(503, "the model is loading")
        try:
            model_file.read(directory)
        except model_file.ModelFileError as error:
            raise HttpError(503, str(error)) from None
        return Response(200, {"score": worker.infer(features)})

    application.loading = worker.loading
    application.routes["POST", "/predict"] = predict
    application.checks["model-file"] = lambda: model_file.read(directory)
    # An inference over no features: it goes the whole way to the worker and costs next to nothing there.
    application.checks["worker"] = lambda: worker.infer([])
    if settings.faults_enabled:
        faults.add(application, "hold-lock", worker.hold_lock)
        faults.add(application, "release-lock", worker.release_lock)


def numbers(features: object) -> list[float]:
    """Return the features as numbers; HttpError 400 when they are not a list of numbers."""
    if not isinstance(features, list) or any(isinstance(f, bool) or not isinstance(f, (int, float)) for f in features):
        raise HttpError(400, "features must be a list of numbers")
    return [float(feature) for feature in features]


class Worker:
    """The worker process. It computes one inference at a time: when it hangs, everything behind it waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.model_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        threading.Thread(target=self._wait_until_ready, daemon=True).start()
        threading.Thread(target=self._end_with_worker, daemon=True).start()

    def loading(self) -> bool:
        return not self._ready.is_set()

    def infer(self, features: list[float]) -> float:
        """Return the model's score; waits for as long as the worker takes."""
        with self._lock:
            return float(self._ask(features)["score"])

    def hold_lock(self, _body: Mapping[str, Any]) -> None:
        """Fault point: take the lock and keep it, so that no inference goes through while each process looks well."""
        self._lock.acquire()

    def release_lock(self, _body: Mapping[str, Any]) -> None:
        if self._lock.locked():
            self._lock.release()

    def _ask(self, features: list[float]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(features) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def _wait_until_ready(self) -> None:
        assert self._process.stdout
        if self._process.stdout.readline():
            log("info", "the model is loaded", worker=self._process.pid)
            self._ready.set()

    def _end_with_worker(self) -> None:
        code = self._process.wait()
        log("fatal", "the worker died", code=code)
        os._exit(EXIT_WORKER_DIED)
