-- Prepares the session that reads, plans and writes. All of it is temporary and ends with the session; so the session must be
-- one, and not a pooler's.
--
-- Times are written out the same way in every session: fingerprints are made from them.
SET TIME ZONE 'UTC';
SET DateStyle = 'ISO';
SET statement_timeout = 0;
-- Requests must not queue up behind an import that itself waits for a lock.
SET lock_timeout = '10s';

CREATE TEMP TABLE began AS SELECT now() AS at;

-- What stands in the old database, as it stands there.
CREATE TEMP TABLE old_users (
    id text, name text, email text, image text, created_at timestamptz, updated_at timestamptz
);
CREATE TEMP TABLE old_workspaces (
    id text, name text, slug text, description text, settings text, owner_id text, image_url text,
    created_at timestamptz, updated_at timestamptz
);
CREATE TEMP TABLE old_workspace_members (id text, workspace_id text, user_id text, role text, message text);
CREATE INDEX ON old_workspace_members (workspace_id, user_id);
CREATE TEMP TABLE old_projects (
    id text, workspace_id text, name text, description text, status text, priority text, progress integer,
    start_date timestamptz, end_date timestamptz, team_lead text, created_at timestamptz, updated_at timestamptz
);
CREATE TEMP TABLE old_project_members (id text, project_id text, user_id text);
CREATE INDEX ON old_project_members (project_id, user_id);
CREATE TEMP TABLE old_tasks (
    id text, project_id text, title text, description text, status text, type text, priority text, assignee_id text,
    due_date timestamptz, created_at timestamptz, updated_at timestamptz
);
CREATE TEMP TABLE old_comments (id text, task_id text, user_id text, content text, created_at timestamptz);

-- The UUID of what has the id `old_id` there: the same, where that is a UUID, else one derived from it.
CREATE FUNCTION pg_temp.uuid_of(kind text, old_id text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
           WHEN old_id ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN old_id::uuid
           -- A UUID of version 8, which is for names hashed with SHA-256.
           ELSE overlay(overlay(left(encode(sha256(convert_to(kind || '/' || old_id, 'UTF8')), 'hex'), 32)
                                PLACING '8' FROM 13 FOR 1) PLACING '8' FROM 17 FOR 1)::uuid
       END
$$;

-- A time that Cairn can read and write: the nearest one.
CREATE FUNCTION pg_temp.instant(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
           WHEN at < '0001-01-01 00:00:00Z' THEN '0001-01-01 00:00:00Z'
           WHEN at > '9999-12-30 22:00:00Z' THEN '9999-12-30 22:00:00Z'
           ELSE at
       END
$$;

-- What becomes of a row. `skip` is the reason why it cannot be brought over, if there is one; `imported` says that an import
-- before this one brought it, `there` that Cairn has it now, `same` that it is as that import found it, and `untouched` that
-- nobody has changed it in Cairn since.
CREATE FUNCTION pg_temp.fate(skip text, imported boolean, there boolean, same boolean, untouched boolean)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
           WHEN skip IS NOT NULL THEN 'skipped'
           WHEN imported <> there THEN 'kept'
           WHEN NOT imported THEN 'inserted'
           WHEN same THEN 'unchanged'
           WHEN untouched THEN 'updated'
           ELSE 'kept'
       END
$$;

-- Why a row is left as it is in Cairn.
CREATE FUNCTION pg_temp.why_kept(imported boolean, there boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
           WHEN NOT imported THEN 'was in Cairn without an import'
           WHEN NOT there THEN 'was deleted in Cairn'
           ELSE 'was changed in Cairn as well'
       END
$$;
