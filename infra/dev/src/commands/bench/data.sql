-- The data that is measured with, the same in every run: 20 workspaces of 30 people with 20 projects of 8 members, 50 tasks
-- each and 3 comments on each; and a workspace with a project of 100,000 tasks beside one of 1,000, where `user_busy` has all
-- but one task in a hundred of the large one and `user_calm` of the small one. One task in a hundred there is DONE, BUG, HIGH.
--
-- Rows are written in the order of time, as they would have come: what belongs together is spread over the table. The people
-- of workspace w (`org_bench_<w>`) are `user_<15 w>` to `user_<15 w + 29>`, so that each is in two; the first two are ADMINs,
-- and the first leads every project. Ids hold the kind in the first group and a running number in the last.
BEGIN;

CREATE FUNCTION pg_temp.bench_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
SELECT (kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;
-- Words of a text of n characters, another one for each seed.
CREATE FUNCTION pg_temp.bench_text(seed bigint, n integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT left(substr(words, 1 + (seed * 37 % 200)::integer) || ' ' || words, n)
  FROM (VALUES ('The second sensor drifts by two percent after an hour in the sun and nobody knows why. Please check '
             || 'the cable at the north wall first, then compare with the numbers of last week; they are in the shared folder. '
             || 'If both agree we change the firmware, otherwise the part. The customer wants an answer before Thursday, and '
             || 'the report should name who looked at it. Photos help. Do not restart the gateway while it is raining, it '
             || 'takes ten minutes to come back and the operators are told to call us at once when a light goes red.'))
       AS given (words)
$$;

INSERT INTO users (id, name, email, email_verified, image, version)
SELECT 'user_' || n, 'Person Number ' || n, 'person.number.' || n || '@example.com', true,
       'https://img.example.com/eyJ0eXBlIjoicHJveHkiLCJzcmMiOiJodHRwczovL2ltYWdlcy5leGFtcGxlLmNvbS9vYXV0aF9nb29nbGUvaW1n' || n, n
  FROM generate_series(0, 329) n;
INSERT INTO users (id, name, email, email_verified, image, version)
SELECT 'user_' || name, initcap(name) || ' Person', name || '@example.com', true, 'https://img.example.com/' || name, 1
  FROM unnest('{busy,calm}'::text[]) AS name;

INSERT INTO workspaces (id, name, slug, description, image_url, owner_id, created_at)
SELECT 'org_bench_' || w, 'Workspace ' || w, 'workspace-' || w, pg_temp.bench_text(w, 80),
       'https://img.example.com/workspace/' || w, 'user_' || w * 15, '2025-01-01'::timestamptz + w * interval '1 hour'
  FROM generate_series(0, 20) w;

INSERT INTO workspace_members (id, workspace_id, user_id, role, created_at)
SELECT pg_temp.bench_id('0a000000', w * 30 + i), 'org_bench_' || w, 'user_' || w * 15 + i,
       CASE WHEN i < 2 THEN 'ADMIN' ELSE 'MEMBER' END::workspace_role,
       '2025-01-02'::timestamptz + i * interval '1 hour' + w * interval '1 minute'
  FROM generate_series(0, 29) i, generate_series(0, 20) w
 ORDER BY i, w;
INSERT INTO workspace_members (id, workspace_id, user_id, role, created_at)
SELECT pg_temp.bench_id('0a000001', n), 'org_bench_20', 'user_' || name, 'MEMBER', '2025-01-04'
  FROM unnest('{busy,calm}'::text[]) WITH ORDINALITY AS given (name, n);

-- Project p of workspace w is number w * 20 + p; the two of the last workspace are 400 (large) and 401 (small).
CREATE TEMP TABLE bench_projects ON COMMIT DROP AS
SELECT n, pg_temp.bench_id('0b000000', n) AS id, least(n / 20, 20) AS workspace, n % 20 AS place,
       '2025-02-01'::timestamptz + n % 20 * interval '7 days' + n / 20 * interval '1 hour' AS created_at
  FROM generate_series(0, 401) n;

INSERT INTO projects (id, workspace_id, name, description, status, priority, progress, start_date, end_date, team_lead, created_at)
SELECT id, 'org_bench_' || workspace, 'Project ' || n, pg_temp.bench_text(n, 160), 'ACTIVE', 'MEDIUM', n % 100,
       created_at, created_at + interval '200 days', 'user_' || workspace * 15, created_at
  FROM bench_projects
 ORDER BY created_at;

-- The lead and seven that are spread over the workspace.
INSERT INTO project_members (id, project_id, user_id, created_at)
SELECT pg_temp.bench_id('0c000000', n * 8 + i), id, 'user_' || workspace * 15 + (i * 4 + CASE WHEN i > 0 THEN n % 2 ELSE 0 END),
       created_at + i * interval '1 hour'
  FROM bench_projects, generate_series(0, 7) i
 ORDER BY created_at + i * interval '1 hour';
INSERT INTO project_members (id, project_id, user_id, created_at)
SELECT pg_temp.bench_id('0c000001', n * 2 + i), id, (ARRAY['user_busy', 'user_calm'])[i], created_at + interval '1 day'
  FROM bench_projects, generate_series(1, 2) i
 WHERE n >= 400;

-- Task t of project n (below 400) is number n * 50 + t; its assignee is one of the eight.
INSERT INTO tasks (id, project_id, title, description, status, type, priority, assignee_id, due_date, created_at)
SELECT pg_temp.bench_id('0d000000', n * 50 + t), id, pg_temp.bench_text(n * 50 + t, 30 + t % 30),
       CASE WHEN t % 5 > 0 THEN pg_temp.bench_text(n * 50 + t + 7, 100 + (n * 50 + t) * 13 % 300) END,
       (ARRAY['TODO', 'IN_PROGRESS', 'DONE', 'TODO'])[1 + t % 4]::task_status,
       (ARRAY['TASK', 'BUG', 'FEATURE', 'IMPROVEMENT', 'OTHER'])[1 + t % 5]::task_type,
       (ARRAY['LOW', 'MEDIUM', 'HIGH'])[1 + t % 3]::priority,
       'user_' || workspace * 15 + (t % 8 * 4 + CASE WHEN t % 8 > 0 THEN n % 2 ELSE 0 END),
       '2027-01-01'::timestamptz + (n * 50 + t) * 7919 % 8760 * interval '1 hour',
       created_at + t * interval '9 hours' + n * interval '1 second'
  FROM bench_projects, generate_series(0, 49) t
 WHERE n < 400
 ORDER BY created_at + t * interval '9 hours' + n * interval '1 second';

-- Task t of the large project is number 1,000,000 + t, of the small one 2,000,000 + t. Their rows alternate in a hundred to one.
INSERT INTO tasks (id, project_id, title, description, status, type, priority, assignee_id, due_date, created_at)
SELECT pg_temp.bench_id('0d000000', (n - 399) * 1000000 + t), id, pg_temp.bench_text(t, 30 + t % 30),
       CASE WHEN t % 5 > 0 THEN pg_temp.bench_text(t + 7, 100 + t * 13 % 300) END,
       CASE WHEN t % 100 = 50 THEN 'DONE' WHEN t % 2 = 0 THEN 'TODO' ELSE 'IN_PROGRESS' END::task_status,
       CASE WHEN t % 100 = 51 THEN 'BUG' ELSE 'TASK' END::task_type,
       CASE WHEN t % 100 = 52 THEN 'HIGH' ELSE 'MEDIUM' END::priority,
       CASE WHEN t % 100 = 53 THEN 'user_300' WHEN n = 400 THEN 'user_busy' ELSE 'user_calm' END,
       '2027-01-01'::timestamptz + t * 7919 % 100000 * interval '5 minutes',
       '2025-06-01'::timestamptz + t * CASE WHEN n = 400 THEN 1 ELSE 100 END * interval '1 minute'
  FROM bench_projects, LATERAL generate_series(1, CASE WHEN n = 400 THEN 100000 ELSE 1000 END) t
 WHERE n >= 400
 ORDER BY '2025-06-01'::timestamptz + t * CASE WHEN n = 400 THEN 1 ELSE 100 END * interval '1 minute';

-- Three on each task, by three of the workspace, hours after it: those on one task are not beside each other.
INSERT INTO comments (id, task_id, user_id, content, created_at)
SELECT pg_temp.bench_id('0e000000', t.number * 3 + c), t.id, 'user_' || t.workspace * 15 + (t.number + c * 4) % 30,
       pg_temp.bench_text(t.number * 3 + c, 40 + ((t.number * 3 + c) * 17 % 200)::integer), t.created_at + c * interval '5 hours'
  FROM (
        SELECT tasks.id, ('x' || right(tasks.id::text, 12))::bit(48)::bigint AS number, bench_projects.workspace, tasks.created_at
          FROM tasks JOIN bench_projects ON bench_projects.id = tasks.project_id
       ) t, generate_series(0, 2) c
 ORDER BY t.created_at + c * interval '5 hours';

COMMIT;

VACUUM ANALYZE;
