# Copyright (c) 2026, Agent Foundry
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SQL of the probes: constant text. Each part begins with a line on standard error that names it.

Our own statements bear a comment, so that they are left out when statements are counted. ``jsonb`` prints no line
breaks, so that each answer is one line: a word, a space, JSON.
Views and functions: https://www.postgresql.org/docs/current/monitoring-stats.html, functions-info.html.
"""

from __future__ import annotations

ACTIVITY = r"""
\warn --activity
BEGIN READ ONLY;
SELECT /* incident_response */ 'activity ' || jsonb_build_object(
  'version', current_setting('server_version_num')::int,
  'user', current_user,
  'database', current_database(),
  'data_directory', coalesce((SELECT setting FROM pg_settings WHERE name = 'data_directory'), ''),
  'max_connections', current_setting('max_connections')::int,
  'superuser_reserved', current_setting('superuser_reserved_connections')::int,
  'reserved', coalesce(current_setting('reserved_connections', true), '0')::int,
  'in_recovery', pg_is_in_recovery(),
  'sees_all', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
              OR pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER'),
  'uptime', extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()),
  'prepared_transactions', (SELECT count(*) FROM pg_prepared_xacts),
  -- Null where data checksums are off; the column is there since version 12.
  'checksum_failures', (SELECT sum((to_jsonb(base) ->> 'checksum_failures')::bigint) FROM pg_stat_database AS base),
  'sessions', coalesce((SELECT jsonb_agg(to_jsonb(session)) FROM (
    SELECT pid, coalesce(datname, '') AS database, coalesce(usename, '') AS user,
      coalesce(application_name, '') AS application, coalesce(host(client_addr), '') AS address,
      backend_type AS kind, coalesce(state, '') AS state,
      extract(epoch FROM clock_timestamp() - backend_start) AS session_age,
      extract(epoch FROM clock_timestamp() - state_change) AS state_age,
      extract(epoch FROM clock_timestamp() - xact_start) AS transaction_age,
      coalesce(wait_event_type || ':' || wait_event, '') AS wait,
      CASE WHEN wait_event_type = 'Lock' THEN to_jsonb(pg_blocking_pids(pid)) ELSE '[]'::jsonb END AS blocked_by,
      left(coalesce(query, ''), 2000) AS statement,
      backend_start::text AS started, coalesce(state_change::text, '') AS changed,
      coalesce(xact_start::text, '') AS opened
    FROM pg_stat_activity
    WHERE pid <> pg_backend_pid()
      AND (backend_type IN ('client backend', 'walsender', 'parallel worker') OR datid IS NOT NULL)
    ORDER BY backend_start LIMIT 2000) AS session), '[]'::jsonb)
)::text;
COMMIT;
"""

# What a compliance run asks of: settings as a new session gets them, and who may log in. A setting of the role wins
# over one of the database. And where the server takes connections: only superusers are told the file that says so.
CONFIGURATION = r"""
\warn --configuration
BEGIN READ ONLY;
SELECT /* incident_response */ 'configuration ' || jsonb_build_object(
  'settings', (SELECT jsonb_object_agg(name, reset_val) FROM pg_settings
    WHERE name IN ('idle_in_transaction_session_timeout', 'log_min_duration_statement', 'password_encryption')),
  'listening', (SELECT jsonb_build_object('addresses', setting, 'source', source, 'file', coalesce(sourcefile, ''),
      'changed', pending_restart) FROM pg_settings WHERE name = 'listen_addresses'),
  'roles', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', rolname,
      'superuser', rolsuper,
      'idle_in_transaction_session_timeout', (SELECT split_part(entry, '=', 2)
        FROM pg_db_role_setting AS own, unnest(own.setconfig) AS entry
        WHERE own.setrole IN (role.oid, 0)
          AND own.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          AND entry LIKE 'idle_in_transaction_session_timeout=%'
        ORDER BY own.setrole <> 0 DESC, own.setdatabase <> 0 DESC LIMIT 1)) ORDER BY rolname), '[]'::jsonb)
    FROM pg_roles AS role WHERE rolcanlogin)
)::text;
COMMIT;
"""

# A new table takes a new block on the disk, where 'select 1' and a row in an existing table would not.
WRITE = r"""
\warn --write
BEGIN;
CREATE TEMPORARY TABLE incident_response_write_probe (payload text) ON COMMIT DROP;
INSERT INTO incident_response_write_probe SELECT repeat(md5(number::text), 8) FROM generate_series(1, 100) AS number;
SELECT 'write ' || jsonb_build_object('rows', count(*))::text FROM incident_response_write_probe;
ROLLBACK;
"""

# Nothing here takes a lock on a table: pg_relation_size() would wait behind an exclusive one.
QUERIES = r"""
\warn --queries
\set has_statements false
\set since_13 false
BEGIN READ ONLY;
SELECT /* incident_response */ true AS has_statements, nspname AS statements_schema,
  current_setting('server_version_num')::int >= 130000 AS since_13
FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'pg_stat_statements' AND current_setting('pg_stat_statements.max', true) IS NOT NULL \gset
\if :has_statements
\if :since_13
\set total total_exec_time
\set mean mean_exec_time
\else
\set total total_time
\set mean mean_time
\endif
SELECT /* incident_response */ 'statements ' || coalesce(jsonb_agg(to_jsonb(statement)), '[]'::jsonb)::text FROM (
  SELECT left(query, 8000) AS text, calls, :mean AS mean_ms, :total AS total_ms, rows,
    coalesce(pg_get_userbyid(userid), '') AS user
  FROM :"statements_schema".pg_stat_statements
  WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND query NOT LIKE '%/* incident_response */%' AND query !~* '^\s*(begin|commit|rollback|set|show)\M'
    AND query NOT LIKE '%incident_response_write_probe%'
  ORDER BY :total DESC LIMIT 20) AS statement;
\endif
SELECT /* incident_response */ 'tables ' || coalesce(jsonb_agg(to_jsonb(item)), '[]'::jsonb)::text FROM (
  SELECT stats.schemaname AS schema, stats.relname AS name,
    class.relpages::bigint * current_setting('block_size')::int AS size,
    greatest(stats.n_live_tup, class.reltuples::bigint, 0) AS rows, stats.n_dead_tup AS dead_rows,
    stats.seq_scan AS sequential_scans, stats.seq_tup_read AS sequential_rows,
    coalesce(stats.idx_scan, 0) AS index_scans,
    extract(epoch FROM clock_timestamp() - greatest(stats.last_vacuum, stats.last_autovacuum)) AS vacuumed_age,
    (SELECT coalesce(jsonb_agg(DISTINCT attname), '[]'::jsonb) FROM pg_index JOIN pg_attribute
       ON attrelid = indrelid AND attnum = indkey[0]
     WHERE indrelid = stats.relid AND indisvalid AND indpred IS NULL) AS indexed,
    (SELECT coalesce(jsonb_object_agg(attname, n_distinct), '{}'::jsonb) FROM (
       SELECT DISTINCT ON (attname) attname, n_distinct FROM pg_stats
       WHERE pg_stats.schemaname = stats.schemaname AND pg_stats.tablename = stats.relname
       ORDER BY attname, inherited) AS planner) AS distinct
  FROM pg_stat_user_tables AS stats JOIN pg_class AS class ON class.oid = stats.relid
  WHERE class.relpersistence <> 't'
  ORDER BY stats.seq_tup_read DESC, stats.n_dead_tup DESC LIMIT 20) AS item;
COMMIT;
"""
