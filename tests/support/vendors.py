# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendors' documents require of a message. Each function names the document that it holds its caller to."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from http_receiver import Answer, Request

SLACK, TWILIO, PAGERDUTY = "hooks.slack.com", "api.twilio.com", "events.pagerduty.com"
JIRA, GITHUB, SERVICENOW, WEBHOOK = "jira", "github", "servicenow", "webhook"

NO_NUMBER = "+15550000"
"""One that Twilio does not take."""

SLACK_TOKEN = "T0000000/B0000000/planted-slack-token"
TWILIO_SID, TWILIO_TOKEN = f"AC{'0' * 32}", "planted-twilio-token"
PAGERDUTY_KEY = "a1b2c3d4" * 4
JIRA_PASSWORD = "planted-jira-password"
GITHUB_TOKEN = "ghp_plantedgithubtoken"
SERVICENOW_PASSWORD = "planted-servicenow-password"
SECRETS = (
    SLACK_TOKEN,
    TWILIO_TOKEN,
    PAGERDUTY_KEY,
    JIRA_PASSWORD,
    GITHUB_TOKEN,
    SERVICENOW_PASSWORD,
)

# What services and logs say stands in a block in which no markup acts.
_CODE = re.compile(r"(`{3,})text\n.*\n\1", re.DOTALL)
_NOFORMAT = re.compile(r"\{noformat\}\n((?!\{noformat|\[~).)*\n\{noformat\}", re.DOTALL)
_E164 = re.compile(r"\+[1-9]\d{1,14}")


def slack(request: Request) -> Answer:
    """https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and .../formatting-message-text."""
    assert (request.method, request.path) == ("POST", f"/services/{SLACK_TOKEN}")
    assert request.headers["content-type"].startswith("application/json")
    text = request.json["text"]
    assert text.strip()
    # & < > are marks unless they are written as entities; only <@member> mentions are meant as marks.
    bare = re.sub(r"&(amp|lt|gt);", "", re.sub(r"<@[A-Z0-9]+>", "", text))
    assert not set("&<>") & set(bare)
    return Answer(200, "ok")


def twilio(request: Request) -> Answer:
    """https://www.twilio.com/docs/messaging/api/message-resource (create), and its Basic authentication."""
    assert (request.method, request.path) == ("POST", f"/2010-04-01/Accounts/{TWILIO_SID}/Messages.json")
    if "authorization" not in request.headers:
        return Answer(401, "{}", (("WWW-Authenticate", 'Basic realm="Twilio API"'),))
    assert _basic(request) == f"{TWILIO_SID}:{TWILIO_TOKEN}"
    form = request.form
    assert _E164.fullmatch(form["To"])
    assert _E164.fullmatch(form["From"])
    if form["To"] == NO_NUMBER:
        # https://www.twilio.com/docs/api/errors/21211
        return Answer(400, json.dumps({"code": 21211, "message": f"The 'To' number {NO_NUMBER} is not valid."}))
    # https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding: one segment holds 160 of its characters.
    assert 0 < len(form["Body"]) <= 160
    assert form["Body"].isascii()
    assert not set("^{}[]~|\\`") & set(form["Body"])
    return _made({"sid": f"SM{'1' * 32}", "status": "queued"})


def pagerduty(request: Request) -> Answer:
    """https://developer.pagerduty.com/docs/events-api-v2-overview and .../send-alert-event."""
    assert (request.method, request.path) == ("POST", "/v2/enqueue")
    event = request.json
    assert event["routing_key"] == PAGERDUTY_KEY
    assert len(event["routing_key"]) == 32
    assert event["event_action"] in ("trigger", "acknowledge", "resolve")
    assert 0 < len(event["dedup_key"]) <= 255
    if event["event_action"] == "trigger":
        payload = event["payload"]
        assert 0 < len(payload["summary"]) <= 1024
        assert payload["source"]
        assert payload["severity"] in ("critical", "error", "warning", "info")
    return _made({"status": "success", "dedup_key": event["dedup_key"]}, 202)


def jira(request: Request) -> Answer:
    """https://developer.atlassian.com/cloud/jira/platform/rest/v2/ (create issue, add comment)."""
    assert request.method == "POST"
    assert _basic(request) == f"robot:{JIRA_PASSWORD}"
    if request.path.rstrip("/") == "/rest/api/2/issue":
        fields = request.json["fields"]
        assert fields["project"] == {"key": "OPS"}
        assert fields["issuetype"] == {"name": "Incident"}
        assert 0 < len(fields["summary"]) <= 255
        assert "\n" not in fields["summary"]
        assert _NOFORMAT.fullmatch(fields["description"])
        return _made({"id": "1", "key": "OPS-7"})
    assert request.path == "/rest/api/2/issue/OPS-7/comment"
    assert _NOFORMAT.fullmatch(request.json["body"])
    return _made({"id": "2"})


def github(request: Request) -> Answer:
    """https://docs.github.com/en/rest/issues/issues and .../comments, and .../using-the-rest-api/getting-started."""
    assert request.method == "POST"
    assert request.headers["user-agent"]
    assert request.headers["accept"] == "application/vnd.github+json"
    assert request.headers["authorization"] == f"Bearer {GITHUB_TOKEN}"
    assert request.headers["x-github-api-version"] == "2022-11-28"
    assert _CODE.fullmatch(request.json["body"])
    if request.path == "/repos/acme/ops/issues":
        assert request.json["title"]
        assert request.json["labels"] == ["incident"]
        return _made({"number": 17})
    assert request.path == "/repos/acme/ops/issues/17/comments"
    return _made({"id": 3})


def servicenow(request: Request) -> Answer:
    """https://www.servicenow.com/docs/ (REST API reference, Table API: create a record, modify a record)."""
    assert _basic(request) == f"robot:{SERVICENOW_PASSWORD}"
    assert request.headers["accept"] == "application/json"
    assert request.headers["content-type"].startswith("application/json")
    if request.method == "POST":
        assert request.path == "/api/now/table/incident"
        record = request.json
        assert 0 < len(record["short_description"]) <= 160
        assert record["urgency"] in ("1", "2", "3")
        assert record["correlation_id"]
        return _made({"result": {"sys_id": "f" * 32, "number": "INC0010001"}})
    assert (request.method, request.path) == ("PATCH", f"/api/now/table/incident/{'f' * 32}")
    assert request.json["work_notes"]
    return _made({"result": {"sys_id": "f" * 32}}, 200)


def webhook(request: Request) -> Answer:
    """The collection's own document: docs/notifications.md."""
    assert request.method == "POST"
    assert request.json["version"] == 1
    assert request.json["key"] == request.headers["idempotency-key"]
    return Answer(204)


def _made(body: dict[str, Any], status: int = 201) -> Answer:
    return Answer(status, json.dumps(body), (("Content-Type", "application/json"),))


def _basic(request: Request) -> str:
    scheme, _, credentials = request.headers["authorization"].partition(" ")
    assert scheme == "Basic"
    return base64.b64decode(credentials).decode()


VENDORS = {
    SLACK: slack,
    TWILIO: twilio,
    PAGERDUTY: pagerduty,
    JIRA: jira,
    GITHUB: github,
    SERVICENOW: servicenow,
    WEBHOOK: webhook,
}
