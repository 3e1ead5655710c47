#!/usr/bin/python
# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: token_trust_info
short_description: Look at the secret, the log-in and the tokens of a platform
version_added: "0.1.0"
author:
  - Agent Foundry (@agentfoundry)
description:
  - The same probe and judgement as M(agentfoundry.incident_response.platform_info) for a service that issues tokens,
    with all that can be told.
  - Secrets are compared by HMAC-SHA-256 under a random key that stays in O(state_dir) on the target. What is returned
    tells equal from different and changed from unchanged, and nothing else. Without a key, which the first recorded run
    makes, fingerprints of two runs cannot be compared.
  - It reads the running environment (or the file that a C(*_FILE) variable names) and the desired Compose
    configuration.
  - With C(token.login) in the inventory it logs in with a probe account, and with C(token.verify) it shows the token to
    every service, and after it a tampered one, an expired one and one with C(alg=none), which all have to refuse.
  - The tokens are made with Python's standard library (HS256, RFC 7515), so that the target needs nothing installed.
extends_documentation_fragment:
  - agentfoundry.incident_response.attributes.info
  - agentfoundry.incident_response.platform
options:
  issuer:
    description:
      - The service that issues the tokens.
      - Left out, the only one with C(token) settings. With none, only secrets are compared.
    type: str
    default: ""
seealso:
  - module: agentfoundry.incident_response.clock_info
  - module: agentfoundry.incident_response.token_secret
"""

EXAMPLES = r"""
- name: Do all services share one secret?
  agentfoundry.incident_response.token_trust_info:
    project: agentfoundry
  register: looked

- name: Prove it with a token
  agentfoundry.incident_response.token_trust_info:
    project: agentfoundry
    services:
      user-service:
        token:
          login: {path: /login, user: probe, password_file: /etc/incident_response/probe.password}
          verify: {user-service: /me, reporting-service: /whoami}
"""

RETURN = r"""
project:
  description: The Compose project.
  returned: success
  type: str
token_trust:
  description: What was seen.
  returned: success
  type: dict
  contains:
    issuer:
      description: The service that issues tokens.
      type: str
    secrets:
      description:
        - Fingerprints of the secret by service, C(running) and C(desired), with what is wrong with a value (C(stray),
          C(too_short), C(development)), and C(odd), C(changed), C(source_changed).
      type: dict
    login:
      description: How the log-in ended (C(state)), the token's C(lifetime) in seconds and its C(algorithm).
      type: dict
    shown:
      description: The good token of the matrix, V(issued) by the log-in or V(signed) with the issuer's secret.
      type: str
    matrix:
      description: Token (good, V(tampered), V(expired), V(unsigned)) by service, with C(verdict) and C(reason).
      type: dict
    lifetimes:
      description: What the services are configured to, by variable.
      type: dict
    clocks:
      description: Clocks of this host and of the services that answered, skew in seconds with its C(uncertainty).
      type: dict
findings:
  description: Every fact judged, as of M(agentfoundry.incident_response.platform_info).
  returned: success
  type: list
  elements: dict
duration_ms:
  description: Milliseconds that the look took.
  returned: success
  type: int
"""

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.platform_arguments import (
    PLATFORM_SPEC,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.run import run_info_module
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.module.token_look import look_at_trust


def main() -> None:
    run_info_module({**PLATFORM_SPEC, "issuer": {"type": "str", "default": ""}}, look_at_trust)


if __name__ == "__main__":
    main()
