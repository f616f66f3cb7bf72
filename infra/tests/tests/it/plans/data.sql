-- Enough that reading a whole table would show: 300 workspaces of ten people with five projects of four members and ten tasks
-- each; and in the first of them a project of 40,000 tasks of which `user_busy` has all but one in a thousand. One in a thousand
-- is DONE, there. One comment on each task. `user_lead` is ADMIN of the first workspace and leads all its projects.
CREATE FUNCTION pg_temp.made_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
SELECT (kind || '-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid
$$;

INSERT INTO users (id, name, email, email_verified, version)
SELECT id, 'Somebody', id || '@example.com', true, 1
  FROM (SELECT 'user_' || n FROM generate_series(0, 2999) n UNION ALL VALUES ('user_busy'), ('user_lead')) AS given (id);

INSERT INTO workspaces (id, name, slug, owner_id)
SELECT 'org_' || w, 'Workspace ' || w, 'workspace-' || w, 'user_' || w * 10 FROM generate_series(0, 299) w;

INSERT INTO workspace_members (id, workspace_id, user_id, role)
SELECT gen_random_uuid(), 'org_' || n / 10, 'user_' || n, 'MEMBER'::workspace_role FROM generate_series(0, 2999) n
 UNION ALL
SELECT gen_random_uuid(), 'org_0', 'user_lead', 'ADMIN'
 UNION ALL
SELECT gen_random_uuid(), 'org_0', 'user_busy', 'MEMBER';

-- Project 5 w to 5 w + 4 of workspace w; number 0 is the large one.
INSERT INTO projects (id, workspace_id, name, team_lead, created_at)
SELECT pg_temp.made_id('0b000000', n), 'org_' || n / 5, 'Project ' || n,
       CASE WHEN n < 5 THEN 'user_lead' ELSE 'user_' || n / 5 * 10 END, now() - n * interval '1 minute'
  FROM generate_series(0, 1499) n;

INSERT INTO project_members (id, project_id, user_id)
SELECT gen_random_uuid(), pg_temp.made_id('0b000000', n), 'user_' || n / 5 * 10 + i
  FROM generate_series(0, 1499) n, generate_series(0, 3) i
 UNION ALL
SELECT gen_random_uuid(), pg_temp.made_id('0b000000', n), person FROM generate_series(0, 4) n, unnest('{user_busy,user_lead}'::text[]) person;

INSERT INTO tasks (id, project_id, title, status, assignee_id, due_date, created_at)
SELECT pg_temp.made_id('0d000000', n), pg_temp.made_id('0b000000', 1 + n % 1499), 'Task ' || n,
       CASE WHEN n % 2 = 0 THEN 'TODO' ELSE 'DONE' END::task_status, 'user_' || (1 + n % 1499) / 5 * 10,
       '2027-01-01'::timestamptz + n % 365 * interval '1 day', '2026-01-01'::timestamptz + n * interval '1 minute'
  FROM generate_series(0, 14989) n
 UNION ALL
SELECT pg_temp.made_id('0d000001', n), pg_temp.made_id('0b000000', 0), 'Task ' || n || ' of many',
       CASE WHEN n % 1000 = 500 THEN 'DONE' ELSE 'TODO' END::task_status, CASE WHEN n % 1000 = 0 THEN 'user_1' ELSE 'user_busy' END,
       '2027-01-01'::timestamptz + n % 365 * interval '1 day', '2026-01-01'::timestamptz + n * interval '1 minute'
  FROM generate_series(0, 39999) n;

INSERT INTO comments (id, task_id, user_id, content, created_at)
SELECT gen_random_uuid(), id, assignee_id, 'A comment', created_at + interval '1 hour' FROM tasks;
