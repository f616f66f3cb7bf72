-- Takes back what the measured requests wrote, and puts back what they deleted, so that all of them can be sent again. What they
-- create has a UUIDv7 of today, which is less than all ids of data.sql. Things that are there to be deleted have numbers of
-- their own and are in workspace 19, in which nothing is counted.
DELETE FROM outbox;
-- A commit that is compared with may not have it yet.
DO $$BEGIN IF to_regclass('daily_use') IS NOT NULL THEN DELETE FROM daily_use; END IF; END$$;
DELETE FROM clerk_memberships;
DELETE FROM clerk_objects;
DELETE FROM comments WHERE id < '0a000000-0000-0000-0000-000000000000';
DELETE FROM tasks WHERE id < '0a000000-0000-0000-0000-000000000000';
DELETE FROM projects WHERE id < '0a000000-0000-0000-0000-000000000000';
DELETE FROM project_members WHERE id < '0a000000-0000-0000-0000-000000000000';
DELETE FROM workspace_members WHERE id < '0a000000-0000-0000-0000-000000000000';
DELETE FROM workspaces WHERE id NOT LIKE 'org\_%';

INSERT INTO workspaces (id, name, slug, owner_id)
SELECT 'org_gone_' || n, 'Gone ' || n, 'gone-' || n, 'user_285'
  FROM generate_series(0, 19) n
    ON CONFLICT DO NOTHING;
INSERT INTO workspace_members (id, workspace_id, user_id, role)
SELECT ('0affffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'org_gone_' || n, 'user_285', 'ADMIN'
  FROM generate_series(0, 19) n
    ON CONFLICT DO NOTHING;
INSERT INTO projects (id, workspace_id, name, team_lead)
SELECT ('0bffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'org_bench_19', 'Gone ' || n, 'user_285'
  FROM generate_series(0, 19) n
    ON CONFLICT DO NOTHING;
-- 20 for requests that delete one, 60 for those that delete three.
INSERT INTO tasks (id, project_id, title, assignee_id, due_date)
SELECT ('0dffffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('0b000000-0000-7000-8000-' || lpad(to_hex(380 + CASE WHEN n < 20 THEN n ELSE (n - 20) / 3 END), 12, '0'))::uuid,
       'Gone ' || n, 'user_285', '2027-01-01'
  FROM generate_series(0, 79) n
    ON CONFLICT DO NOTHING;
INSERT INTO comments (id, task_id, user_id, content)
SELECT ('0effffff-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('0d000000-0000-7000-8000-' || lpad(to_hex((380 + n) * 50), 12, '0'))::uuid, 'user_285', 'Gone ' || n
  FROM generate_series(0, 19) n
    ON CONFLICT DO NOTHING;

INSERT INTO workspace_members SELECT * FROM bench.workspace_members ON CONFLICT DO NOTHING;
INSERT INTO project_members SELECT * FROM bench.project_members ON CONFLICT DO NOTHING;
