# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a service crash again and again, why, and what has changed since it was last seen healthy? Pure."""

from __future__ import annotations

from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_facts import CrashFacts
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.crash_ledger import (
    is_crashed,
    was_stopped,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.exit_code import explain_exit_code
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.finding import Finding, Status
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.observation import (
    Container,
    ServiceFacts,
)
from ansible_collections.agentfoundry.incident_response.plugins.module_utils.core.thresholds import Thresholds


def judge_crashes(
    facts: ServiceFacts, crashes: CrashFacts, thresholds: Thresholds, now: float, *, in_trouble: bool
) -> tuple[Finding, ...]:
    """Findings about a service that has a container.

    :param now: seconds since the epoch.
    :param in_trouble: True when another finding about it is critical or unknown. What has changed is news only then.
    """
    if not facts.containers or facts.declared:
        return ()
    return (
        *_loop(facts, crashes, thresholds, now),
        *_words(facts, crashes),
        _image(facts, crashes, in_trouble=in_trouble),
        _config(facts, crashes, in_trouble=in_trouble),
        *_rolled_back(facts, crashes),
    )


def _loop(facts: ServiceFacts, crashes: CrashFacts, thresholds: Thresholds, now: float) -> tuple[Finding, ...]:
    """By our own ledger, and by Docker's count while the container is young: Docker waits a minute at most.

    What crashed often and was stopped then, by a person or by a restart that was killed halfway, needs a start.
    What crashed often and runs now is a finding of its own: it is a warning, and a remedy may help against something
    else that is wrong with it.
    """
    name, service, limit = "crash.loop", facts.service, thresholds.restart_count
    young = facts.age(now) < thresholds.crash_loop_window_s
    counted = max(item.restart_count for item in facts.containers) if young else 0
    count = max(crashes.recent, counted)
    down = [item for item in facts.containers if item.state == "restarting" or _has_crashed(item, facts)]
    history = f"{service} has crashed {_times(count)} within the last {_span(thresholds.crash_ledger_s)}"
    if count >= limit and (down or counted >= limit):
        message = f"{service} crashes again and again, {_times(count)} so far{_why(facts, crashes, down)}."
        lines = crashes.words.lines
        return (Finding(name, service, Status.CRITICAL, message, float(count), limit, "1", lines, "SC-5"),)
    fine = Finding(name, service, Status.OK, f"{history}.", float(count), limit, "1", step="SC-5")
    if count < limit:
        return (fine,)
    ended = any(item.state in ("exited", "dead") for item in facts.containers)
    message = f"{history}; it {'does not run' if ended else 'runs'} now."
    return (fine, Finding("crash.history", service, Status.WARNING, message, float(count), limit, "1", step="SC-5"))


def _has_crashed(item: Container, facts: ServiceFacts) -> bool:
    return is_crashed(item, may_complete=facts.may_complete) and not was_stopped(item)


def _why(facts: ServiceFacts, crashes: CrashFacts, down: list[Container]) -> str:
    """The exit code in words, and the memory limit where that is the reason."""
    killed = next((item for item in facts.containers if item.oom_killed), None)
    if killed is not None:
        limit = f"; its limit of {killed.memory_limit / (1 << 20):.0f} MiB" if killed.memory_limit else "; the host"
        return f" (out of memory{limit} is too small, or it leaks)"
    code = down[0].exit_code if down else crashes.ledger.last_exit_code
    reason = "" if code is None else f" (exit code {code}: {explain_exit_code(code)})"
    return f"{reason}. Its last words: {crashes.words.line.rstrip('.')}" if crashes.words.line else reason


def _words(facts: ServiceFacts, crashes: CrashFacts) -> tuple[Finding, ...]:
    words = crashes.words
    if not words.line:
        return ()
    message = f"The last words of {facts.service}: {words.line.rstrip('.')}."
    return (
        Finding("crash.signature", facts.service, Status.WARNING, message, evidence=words.lines, step="SC-1"),
    )  # fmt: skip


def _image(facts: ServiceFacts, crashes: CrashFacts, *, in_trouble: bool) -> Finding:
    name, service, known = "crash.image_changed", facts.service, crashes.known_good
    if known is None or crashes.image_changed is None:
        message = f"No image of {service} is known to be good: no run of ours has seen it healthy for long enough."
        return Finding(name, service, Status.NOT_CONFIGURED, message, step="SC-5")
    if not crashes.image_changed:
        message = f"{service} runs the image with which it was last seen healthy."
        return Finding(name, service, Status.OK, message, step="SC-5")
    image = facts.containers[0].image
    what = f"the image {image}" if image != known.image else f"another build of the image {image}"
    message = f"{service} runs {what}; it was last seen healthy with {known.image}."
    if image == known.image:
        message = f"{service} runs {what} than the one with which it was last seen healthy."
    evidence = (f"now {facts.containers[0].image_id[:19]}", f"last known good {known.image_id[:19]}")
    return Finding(
        name, service, _news(in_trouble=in_trouble), message, image, known.image, evidence=evidence, step="SC-5"
    )


def _config(facts: ServiceFacts, crashes: CrashFacts, *, in_trouble: bool) -> Finding:
    name, service = "crash.config_changed", facts.service
    if crashes.config_changed is None:
        message = f"Whether the configuration of {service} has changed since it was last healthy cannot be told."
        return Finding(name, service, Status.NOT_CONFIGURED, message, step="SC-5")
    if not crashes.config_changed:
        message = f"{service} has the configuration with which it was last seen healthy."
        return Finding(name, service, Status.OK, message, step="SC-5")
    message = f"{service} was made from another configuration than when it was last seen healthy."
    return Finding(name, service, _news(in_trouble=in_trouble), message, step="SC-5")


def _rolled_back(facts: ServiceFacts, crashes: CrashFacts) -> tuple[Finding, ...]:
    if not crashes.rolled_back_from:
        return ()
    message = (
        f"{facts.service} was rolled back from {crashes.rolled_back_from} to {facts.containers[0].image}; "
        "the Compose files still name the other one."
    )
    return (Finding("crash.rolled_back", facts.service, Status.WARNING, message, step="SC-5"),)


def _news(*, in_trouble: bool) -> Status:
    return Status.WARNING if in_trouble else Status.OK


def _times(count: float) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(int(count), f"{count:.0f} times")


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"
