# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of the API of AWX on loopback: in memory, and as strict as AWX where the role awx could go wrong.

Held against awx/api of AWX 24.6 and against what the modules of awx.awx 24.6 send. It runs no jobs.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from awx_kinds import ENCRYPTED, KINDS, MACHINE_FIELDS, RUNNABLE, UNIQUE, Item, refused, refused_survey, secret_fields

TOKEN = "a-token-of-the-double"
_PAGE = 25
_PAGES: Mapping[str, Any] = {
    "ping": {"version": "24.6.1", "ha": False},
    "config": {"version": "24.6.1"},
    "me": {"count": 1, "results": [{"id": 1, "username": "admin"}]},
}


class Refusal(Exception):  # noqa: N818
    """An answer that is no success."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body


class FakeAwx:
    """What AWX knows.

    :param playbooks: what the project has; a job template about another one is refused.
    """

    def __init__(self, playbooks: set[str]) -> None:
        self.playbooks = playbooks
        self.items: dict[str, dict[int, Item]] = {kind: {} for kind in KINDS}
        self.related: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Any] = {}
        self.writes: list[tuple[str, str, Any]] = []
        self.url = ""
        self._last = 0
        self._lock = threading.Lock()
        machine = self._add("credential_types", {"name": "Machine", "kind": "ssh", "managed": True})
        machine["inputs"] = {"fields": MACHINE_FIELDS}
        galaxy = self._add("credential_types", {"name": "Ansible Galaxy/Automation Hub API Token", "kind": "galaxy"})
        galaxy["managed"], galaxy["inputs"] = True, {"fields": [{"id": "url", "type": "string"}]}
        self._add("credentials", {"name": "Ansible Galaxy", "credential_type": galaxy["id"], "inputs": {}})

    def named(self, kind: str, name: str) -> Item:
        """The object as it is inside, with its secrets."""
        key = "identifier" if kind == "workflow_job_template_nodes" else "name"
        (found,) = (item for item in self.items[kind].values() if item.get(key) == name)
        return found

    def names(self, kind: str, item: Item, listed: str) -> list[str]:
        """Names of what is in a related list."""
        other = KINDS[kind].lists[listed]
        key = "identifier" if other == "workflow_job_template_nodes" else "name"
        return [str(self.items[other][one][key]) for one in self.related.get((kind, item["id"], listed), [])]

    def answer(self, method: str, path: str, query: list[tuple[str, str]], body: Any) -> tuple[int, Any]:
        """Return status and body."""
        with self._lock:
            if method in ("POST", "PATCH", "DELETE"):
                self.writes.append((method, path, body))
            parts = path.strip("/").split("/")[2:]
            if len(parts) > 2:
                return self._below(method, parts, path, query, body)
            match method, parts:
                case "GET", [page] if page in _PAGES:
                    return 200, _PAGES[page]
                case "GET", [kind]:
                    return 200, self._page(self._filtered(kind, query), path, query)
                case "POST", [kind]:
                    return 201, self._shown(kind, self._create(kind, body))
                case "GET", [kind, key]:
                    return 200, self._shown(kind, self._one(kind, key))
                case "PATCH", [kind, key]:
                    return 200, self._shown(kind, self._change(kind, self._one(kind, key), body))
            raise Refusal(405, {"detail": f'Method "{method}" not allowed.'})

    def _below(
        self, method: str, parts: list[str], path: str, query: list[tuple[str, str]], body: Any
    ) -> tuple[int, Any]:
        """What belongs to one object."""
        match method, parts:
            case _, [kind, key, "survey_spec"]:
                return 200, self._survey(method, kind, self._one(kind, key), body)
            case "POST", ["workflow_job_template_nodes", key, "create_approval_template"]:
                return 201, self._approval(self._one("workflow_job_template_nodes", key), body)
            case _, [kind, key, listed] if listed in KINDS[kind].lists:
                return self._listed(method, kind, self._one(kind, key), listed, path, query, body)
        raise Refusal(405, {"detail": f'Method "{method}" not allowed.'})

    def _add(self, kind: str, fields: Mapping[str, Any]) -> Item:
        self._last += 1
        spec = KINDS[kind]
        item = {"id": self._last, "description": "", **spec.defaults, **fields}
        self.items[kind][self._last] = item
        return item

    def _create(self, kind: str, body: Mapping[str, Any]) -> Item:
        if kind not in KINDS:
            raise Refusal(405, {"detail": 'Method "POST" not allowed.'})
        spec = KINDS[kind]
        missing = [name for name in spec.required if body.get(name) in (None, "")]
        if missing:
            raise Refusal(400, {name: ["This field is required."] for name in missing})
        fields = {name: value for name, value in body.items() if name in spec.fields}
        self._check(kind, {"description": "", **spec.defaults, **fields}, None)
        item = self._add(kind, fields)
        if kind == "projects":
            update = self._add("project_updates", {"status": "successful"})
            item["summary_fields"] = {"current_update": {"id": update["id"]}}
            item["scm_revision"] = "0123abc"
        return item

    def _change(self, kind: str, item: Item, body: Mapping[str, Any]) -> Item:
        fields = {name: value for name, value in body.items() if name in KINDS[kind].fields}
        for name in ("inputs", "notification_configuration"):
            if name in fields and name in item and kind in ("credentials", "notification_templates"):
                # What is sent back as it was told stays what it was.
                fields[name] = {
                    key: item[name].get(key) if value == ENCRYPTED else value for key, value in fields[name].items()
                }
        self._check(kind, {**item, **fields}, item["id"])
        item.update(fields)
        return item

    def _check(self, kind: str, item: Item, number: int | None) -> None:
        for name, other in KINDS[kind].foreign.items():
            if item.get(name) is not None and item[name] not in self._space(other):
                raise Refusal(400, {name: [f'Invalid pk "{item[name]}" - object does not exist.']})
        unique = UNIQUE.get(kind, ("name", "organization") if "organization" in KINDS[kind].fields else ("name",))
        for other_number, other_item in self.items[kind].items():
            if other_number != number and all(other_item.get(key) == item.get(key) for key in unique):
                raise Refusal(
                    400, {"__all__": [f"{KINDS[kind].type} with this {' and '.join(unique)} already exists."]}
                )
        for name, reason in refused(kind, item, self._credential_type(item), self.playbooks):
            raise Refusal(400, {name: [reason]})
        if kind in ("schedules", "workflow_job_template_nodes") and item["unified_job_template"]:
            self._check_prompts(item)

    def _check_prompts(self, item: Item) -> None:
        """A schedule or a node may only say what the template asks for."""
        number = item["unified_job_template"]
        template = self.items["job_templates"].get(number, {})
        survey = self.surveys.get(("job_templates", number), {})
        asked = (
            {question["variable"] for question in survey.get("spec", [])} if template.get("survey_enabled") else set()
        )
        extra = sorted(set(item["extra_data"]) - asked)
        if extra and not template.get("ask_variables_on_launch"):
            raise Refusal(400, {"extra_data": [f"Variables {', '.join(extra)} are not allowed on launch."]})
        if item.get("job_slice_count") is not None and not template.get("ask_job_slice_count_on_launch"):
            raise Refusal(400, {"job_slice_count": ["Field is not configured to prompt on launch."]})

    def _credential_type(self, item: Item) -> Item | None:
        return self.items["credential_types"].get(item.get("credential_type", 0))

    def _space(self, kind: str) -> dict[int, Item]:
        if kind == "unified_job_templates":
            return {number: item for one in RUNNABLE for number, item in self.items[one].items()}
        if kind not in self.items:
            raise Refusal(404, {"detail": "The requested resource could not be found."})
        return self.items[kind]

    def _one(self, kind: str, key: str) -> Item:
        space = self._space(kind)
        if key.isdigit() and int(key) in space:
            return space[int(key)]
        name, _, organization = unquote(key).partition("++")
        for item in space.values():
            owner = self.items["organizations"].get(item.get("organization") or 0, {})
            if item.get("name") == name and owner.get("name", "") == organization:
                return item
        raise Refusal(404, {"detail": "Not found."})

    def _filtered(self, kind: str, query: list[tuple[str, str]]) -> list[tuple[str, Item]]:
        wanted = [(name, value) for name, value in query if name not in ("page", "page_size")]
        found = []
        for item in self._space(kind).values():
            own = next(one for one in KINDS if self.items[one].get(item["id"]) is item)
            known = KINDS[own].fields | {"id"}
            either = [(name.removeprefix("or__"), value) for name, value in wanted if name.startswith("or__")]
            each = [(name, value) for name, value in wanted if not name.startswith("or__")]
            unknown = [name for name, _ in each + either if name not in known and kind != "unified_job_templates"]
            if unknown:
                raise Refusal(400, {"detail": f"{KINDS[own].type} has no field named '{unknown[0]}'"})
            if all(str(item.get(name)) == value for name, value in each) and (
                not either or any(str(item.get(name)) == value for name, value in either)
            ):
                found.append((own, item))
        return found

    def _page(self, found: list[tuple[str, Item]], path: str, query: list[tuple[str, str]]) -> Item:
        page = int(dict(query).get("page", 1))
        rest = "&".join(f"{name}={value}" for name, value in query if name != "page")
        more = len(found) > page * _PAGE
        return {
            "count": len(found),
            "next": f"{path}?page={page + 1}&{rest}" if more else None,
            "previous": None,
            "results": [self._shown(kind, item) for kind, item in found[(page - 1) * _PAGE : page * _PAGE]],
        }

    def _shown(self, kind: str, item: Item) -> Item:
        url = f"/api/v2/{kind}/{item['id']}/"
        related = {name: f"{url}{name}/" for name in KINDS[kind].lists}
        if kind in ("job_templates", "workflow_job_templates"):
            related["survey_spec"] = f"{url}survey_spec/"
        if kind == "workflow_job_template_nodes" and item["unified_job_template"]:
            number = item["unified_job_template"]
            own = next(one for one in RUNNABLE if number in self.items[one])
            related["unified_job_template"] = f"/api/v2/{own}/{number}/"
        shown = {"summary_fields": {}, **item, "type": KINDS[kind].type, "url": url, "related": related}
        hidden = secret_fields(kind, item, self._credential_type(item))
        for name in ("inputs", "notification_configuration"):
            if hidden and name in item:
                shown[name] = {
                    key: ENCRYPTED if key in hidden and value else value for key, value in item[name].items()
                }
        return shown

    def _survey(self, method: str, kind: str, item: Item, body: Any) -> Any:
        if method == "POST":
            for reason in refused_survey(body):
                raise Refusal(400, {"error": reason})
            self.surveys[kind, item["id"]] = body
            return {}
        return self.surveys.get((kind, item["id"]), {})

    def _approval(self, node: Item, body: Mapping[str, Any]) -> Item:
        if not body.get("name"):
            raise Refusal(400, {"name": ["This field is required."]})
        template = self._add("workflow_approval_templates", body)
        node["unified_job_template"] = template["id"]
        return self._shown("workflow_approval_templates", template)

    def _listed(
        self, method: str, kind: str, item: Item, listed: str, path: str, query: list[tuple[str, str]], body: Any
    ) -> tuple[int, Any]:
        numbers = self.related.setdefault((kind, item["id"], listed), [])
        other = KINDS[kind].lists[listed]
        if method == "GET":
            return 200, self._page([(other, self.items[other][number]) for number in numbers], path, query)
        number = body.get("id")
        if number not in self.items[other]:
            raise Refusal(400, {"detail": "Object does not exist."})
        if body.get("disassociate"):
            numbers.remove(number)
        elif number not in numbers:
            numbers.append(number)
        return 204, None


@contextmanager
def running_awx(playbooks: set[str]) -> Iterator[FakeAwx]:
    """A double that answers on a free port of the loopback."""
    awx = FakeAwx(playbooks)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(awx))
    awx.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield awx
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(awx: FakeAwx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            url = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"null")
            content: Any
            try:
                if self._logs_in(url.path):
                    status, content = (201, {"id": 1, "token": TOKEN}) if self.command == "POST" else (204, None)
                else:
                    if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                        raise Refusal(401, {"detail": "Authentication credentials were not provided."})
                    status, content = awx.answer(self.command, url.path, parse_qsl(url.query), body)
            except Refusal as refusal:
                status, content = refusal.status, refusal.body
            sent = b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

        def _logs_in(self, path: str) -> bool:
            """A user and a password give a token, which is given back at the end."""
            admin = "Basic " + base64.b64encode(b"admin:secret").decode()
            return path.startswith("/api/v2/tokens/") and self.headers.get("Authorization") == admin

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the test says what it needs."""

    return Handler
