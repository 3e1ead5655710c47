# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  project:
    description:
      - The Compose project that is the platform.
      - Left out or empty, the only one on the host is taken. With several on the host that is an error that lists them.
    type: str
    default: ""
  services:
    description:
      - What cannot be told from Docker, by service. Everything is optional, an unknown key is an error.
      - C(kind) is V(model_server), V(postgres), V(redis), V(rabbitmq), V(token_issuer), V(http) or V(other), when
        image, name and ports tell the wrong one.
      - C(depends_on) adds services that it needs. C(user_facing) says that users meet it directly.
      - C(declared) is V(stopped) or V(ignored) for a service that has to be left alone. Any other stopped or paused one
        is a fault.
      - C(port) is the container's port that speaks HTTP.
      - C(health) is V(false), or has C(path), C(statuses) (a list, any 2xx when left out), C(deadline) (seconds) and
        C(expect), a JMESPath expression that the answer must make true. A service that takes the request and misses the
        deadline is asked again before it is called silent.
      - C(model_server) has C(canary) (C(path), C(method), C(body), C(headers), C(expect), C(deadline)), C(caller),
        C(model_dir), C(manifest) or C(files), C(latency_limit_ms), C(known_good), C(readiness_path), C(load_deadline)
        and C(hash_deadline).
      - C(postgres) has C(user), C(database), C(host) and C(port) (a managed server, by TCP), C(client) (the service in
        whose container psql runs, or V(host)), C(password_file), C(standby), C(protected_applications) and
        C(protected_users).
      - C(postgres) has C(user), C(database), C(host), C(port), C(client), C(password_file), C(standby),
        C(protected_applications) and C(protected_users).
      - C(rabbitmq) has C(user), C(password_file), C(management_port), C(consumers) (queue to services),
        C(ignore_queues) (patterns) and C(limits) (queue to messages).
      - C(redis) has C(host), C(port), C(database), C(user), C(password_file), C(tls), C(cache) and
        C(disposable_prefixes).
      - C(token) of the service that issues tokens has C(variables) (names of the shared secret's variable), C(login)
        (C(path), C(user), C(password_file) or C(password_variable) of the project's env files, C(body), C(answer),
        C(deadline)) and C(verify), a mapping of services to the path that answers 401 to a bad token.
    type: dict
    default: {}
  thresholds:
    description:
      - Limits, by names that end in their unit.
      - C(http_latency_ms) (1000), C(canary_latency_ms) (2000), C(restart_count) (3), C(crash_loop_window_s) (120),
        C(crash_ledger_s) (3600), C(known_good_age_s) (60), C(memory_percent) (90), C(throttled_percent) (25),
        C(log_window_s) (300), C(start_grace_s) (10).
      - Of PostgreSQL C(postgres_slots_percent) (80), C(postgres_slots_critical_percent) (95),
        C(postgres_idle_in_transaction_s) (30), C(postgres_lock_wait_s) (30), C(postgres_disk_percent) (85),
        C(postgres_disk_critical_percent) (95), C(postgres_statement_ms) (500), C(postgres_index_statement_ms) (10),
        C(postgres_running_statement_s) (30), C(postgres_dead_percent) (20), C(postgres_large_table_rows) (10000).
      - Of RabbitMQ C(rabbitmq_queue_count) (1000) messages in a queue, C(rabbitmq_drain_s) (300) until it is empty,
        C(rabbitmq_redelivered_percent) (50).
      - C(redis_memory_percent) (90), C(redis_clients_percent) (90), C(redis_command_ms) (100), C(latency_p95_ms) (500),
        C(pressure_percent) (60).
      - C(disk_percent) (80), C(disk_critical_percent) (90), C(disk_target_percent) (80), C(disk_full_s) (86400),
        C(disk_log_bytes) (1000000000), C(disk_litter_bytes) (1e+11), C(disk_wal_bytes) (1e+10).
      - C(token_lifetime_s) (60), C(token_longest_lifetime_s) (86400), C(clock_skew_s) (30).
    type: dict
    default: {}
  disk:
    description:
      - What the inventory says of the host's disks. Everything is optional, an unknown key is an error.
      - C(paths) are further paths whose file systems are measured.
      - C(backups) is a list of policies with C(path), C(pattern) (V(*)), C(keep) (7, the newest that always stay) and
        C(older_than_days) (7).
      - C(labels) limits everything that is pruned to what bears all of these labels, C(key) or C(key=value).
      - C(build_cache_age_h) (24), C(image_age_h) (24) and C(container_age_h) (72) say how old build cache, dangling
        images and stopped containers have to be.
      - C(daemon_json) (V(/etc/docker/daemon.json)) is the file that dockerd reads.
      - C(detail) says whether to look for what could be removed even when no file system is short of room.
    type: dict
    default: {}
  compose_files:
    description:
      - The Compose files that hold the desired configuration.
      - Left out, those that most containers bear in their labels.
    type: list
    elements: path
    default: []
  env_files:
    description: The files with the variables of O(compose_files).
    type: list
    elements: path
    default: []
  profiles:
    description: The active profiles of the Compose project.
    type: list
    elements: str
    default: []
  docker_cli:
    description: Docker's client on the target, by name or path.
    type: str
    default: docker
  probe_deadline:
    description: Seconds that a probe may take that has no limit of its own. One that hangs shows as a finding.
    type: float
    default: 5.0
  writing_probes:
    description: Whether probes may run that change something or log in. They clean up after themselves.
    type: bool
    default: true
  forged_tokens:
    description:
      - Whether forged tokens are shown to the services that verify tokens, once to each set of containers. Every
        refusal leaves a line in a service's log.
    type: bool
    default: true
  thorough:
    description:
      - Whether to look at what costs time as well. Model files are hashed without a reason, forged tokens are shown
        although these containers refused them before, and what is in the newest backups is listed.
    type: bool
    default: false
  state_dir:
    description: Directory on the target that holds the record. It is only read, and need not exist.
    type: path
    default: /var/lib/incident_response
  log_lines:
    description: How many of the last lines of each service's log are read.
    type: int
    default: 100
  latency_samples:
    description:
      - Timed probes of each service, one after the other, from which p50 and p95 are told and the bottleneck is found.
      - With V(0) no latency is judged.
    type: int
    default: 0
"""
