# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """One service's settings; times are in seconds, URLs as in compose.yaml."""

    service: str
    port: int
    jwt_secret: str
    token_ttl: int
    dependency_timeout: float
    database_url: str
    redis_url: str
    amqp_url: str
    user_url: str
    compliance_url: str
    report_url: str
    ai_url: str
    notify_url: str
    model_url: str
    model_dir: str
    model_load_seconds: float
    inference_delay_seconds: float
    consumer_prefetch: int
    consumer_delay_seconds: float
    faults_enabled: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; KeyError names a variable that must be there, ValueError one that is not a number."""
        get = environment.get
        return cls(
            service=environment["SERVICE"],
            port=int(environment["PORT"]),
            jwt_secret=get("JWT_SECRET", ""),
            token_ttl=int(get("TOKEN_TTL", "3600")),
            dependency_timeout=float(get("DEPENDENCY_TIMEOUT", "2")),
            database_url=get("DATABASE_URL", ""),
            redis_url=get("REDIS_URL", ""),
            amqp_url=get("AMQP_URL", ""),
            user_url=get("USER_URL", ""),
            compliance_url=get("COMPLIANCE_URL", ""),
            report_url=get("REPORT_URL", ""),
            ai_url=get("AI_URL", ""),
            notify_url=get("NOTIFY_URL", ""),
            model_url=get("MODEL_URL", ""),
            model_dir=get("MODEL_DIR", "/app/models"),
            model_load_seconds=float(get("MODEL_LOAD_SECONDS", "0")),
            inference_delay_seconds=float(get("INFERENCE_DELAY_SECONDS", "0")),
            consumer_prefetch=int(get("CONSUMER_PREFETCH", "50")),
            consumer_delay_seconds=float(get("CONSUMER_DELAY_SECONDS", "0")),
            faults_enabled=get("FAULTS_ENABLED", "") == "1",
        )
