-- The platform's database. POSTGRES_USER is the superuser (operators only); the services connect as `app`, a plain
-- role that owns their tables.
\set ON_ERROR_STOP on
\getenv app_password APP_DB_PASSWORD
\getenv probe_password PROBE_PASSWORD

CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS pgcrypto;

CREATE ROLE app LOGIN PASSWORD :'app_password';
ALTER SCHEMA public OWNER TO app;
SET ROLE app;

CREATE TABLE users (
    id serial PRIMARY KEY,
    username text UNIQUE NOT NULL,
    password_hash text NOT NULL
);
CREATE TABLE events (
    id bigserial PRIMARY KEY,
    account int NOT NULL,
    kind text NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    body text
);
CREATE INDEX events_account ON events (account);
CREATE TABLE compliance_checks (
    event bigint PRIMARY KEY,
    checked timestamptz NOT NULL DEFAULT now()
);

-- `alice` is for people who play with the lab, `probe` is the account that health checks log in with.
INSERT INTO users (username, password_hash) VALUES
    ('alice', crypt('wonderland', gen_salt('bf', 6))),
    ('probe', crypt(:'probe_password', gen_salt('bf', 6)));
INSERT INTO events (account, kind, body)
    SELECT number % 5000, 'audit', md5(number::text) FROM generate_series(1, 20000) AS number;

RESET ROLE;
ANALYZE;
