# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ai-recommendation: POST /recommend asks the model server for a score and keeps it in the cache for a minute."""

from __future__ import annotations

import hashlib
import json
from functools import partial

from . import auth, cache
from .settings import Settings
from .web import Application, HttpError, Request, Response
from .web_client import call, require_ok

CACHE_SECONDS = 60


def set_up(application: Application, settings: Settings) -> None:
    def recommend(request: Request) -> Response:
        auth.verify(settings, request)
        features = request.body.get("features", [])
        key = "recommendation:" + hashlib.sha256(json.dumps(features).encode()).hexdigest()
        cached = cache.client(settings).get(key)
        if cached is not None:
            return Response(200, {"score": float(cached), "cached": True})
        status, answer = call(
            settings.model_url + "/predict", timeout=settings.dependency_timeout, body={"features": features}
        )
        if status != 200:
            raise HttpError(502, f"model-server answers {status}: {answer.get('error')}")
        cache.client(settings).setex(key, CACHE_SECONDS, answer["score"])
        return Response(200, {"score": answer["score"], "cached": False})

    application.routes["POST", "/recommend"] = recommend
    application.checks["redis"] = partial(cache.check, settings)
    application.checks["model-server"] = partial(
        require_ok, settings.model_url + "/health", settings.dependency_timeout
    )
