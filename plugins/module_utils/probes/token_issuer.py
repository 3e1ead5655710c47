# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe of a service that issues tokens: the whole platform's trust, as a part of that service's observation."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.errors import CommandFailedError
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.token_facts import TrustFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.judge.token import judge_trust
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.context import (
    KindReport,
    ServiceContext,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.probes.token_trust import (
    TrustLook,
    probe_trust,
)


class TokenIssuerProbe:
    """AU-1 to AU-6. It logs in only where probes that do so are switched on; all else only reads."""

    name = "token_issuer"
    writes = False
    judges_health = False

    def seconds(self, context: ServiceContext) -> float:
        """See :class:`KindProbe`."""
        return _look(context).seconds

    def probe(self, context: ServiceContext) -> TrustFacts:
        """See :class:`KindProbe`."""
        return probe_trust(_look(context))

    def judge(self, context: ServiceContext, report: KindReport) -> tuple[Finding, ...]:
        """See :class:`KindProbe`."""
        return judge_trust(report, context.thresholds) if isinstance(report, TrustFacts) else ()


def _look(context: ServiceContext) -> TrustLook:
    if context.scene is None or context.means is None:
        raise CommandFailedError("The probe of a token issuer needs to see the whole platform.")
    return TrustLook(
        scene=context.scene,
        means=context.means,
        issuer=context.service,
        settings=context.settings.token,
        recorded=context.sample.get("secrets") or {},
        proved=str(context.sample.get("proved") or ""),
        forging=context.forged_tokens,
        thorough=context.thorough,
        deadline=context.deadline,
        writing=context.writing,
    )
