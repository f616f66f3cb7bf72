-- How much there is of everything, for the overview.
SELECT (SELECT count(*) FROM users WHERE deleted_at IS NULL) AS users,
       (SELECT count(*) FROM workspaces) AS workspaces,
       (SELECT count(*) FROM projects) AS projects,
       (SELECT count(*) FROM tasks) AS tasks,
       (SELECT count(*) FROM outbox WHERE dead_at IS NULL) AS promises,
       (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL) AS given_up,
       (SELECT min(created_at) FROM outbox WHERE dead_at IS NULL) AS oldest,
       current_setting('server_version') AS server
