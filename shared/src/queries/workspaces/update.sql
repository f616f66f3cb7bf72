-- Changes what is given of a workspace, for an ADMIN. NULL leaves a column as it is; the description, which may become
-- NULL, has a parameter of its own that says whether to set it. Another time zone or reminder time moves the reminders of
-- due dates without a time of day: the outbox promises each of these tasks a look, for the relay to publish. That can be had so
-- often in a day ($11): counted before anything is locked or stamped, as by all who count.
--
-- What Clerk writes too gets the present time as its version, so that an older event that is late does not undo it. That
-- comes before the lock on the workspace, as it does for events: they wait for each other, and never both.
WITH access AS (
    SELECT role = 'ADMIN' AS admin FROM workspace_members WHERE workspace_id = $2 AND user_id = $1
), wish AS (
    SELECT (coalesce($8, timezone), coalesce($9::text::time, reminder_time)) <> (timezone, reminder_time) AS moves
      FROM workspaces
     WHERE id = $2 AND EXISTS (SELECT FROM access WHERE admin)
), counted AS (
    INSERT INTO daily_use AS today (user_id, moves)
    SELECT $1, 1 FROM wish WHERE moves
    ON CONFLICT (user_id, day) DO UPDATE SET moves = today.moves + 1 WHERE today.moves < $11
    RETURNING user_id
), allowed AS (
    SELECT FROM wish WHERE NOT moves OR EXISTS (SELECT FROM counted)
), stamp AS (
    INSERT INTO clerk_objects (kind, id, version, tie)
    SELECT 'organization', $2, present_version(), '~'
      FROM allowed
     WHERE $3::text IS NOT NULL OR $4::text IS NOT NULL OR $7::text IS NOT NULL
    ON CONFLICT (kind, id) DO UPDATE
    SET version = greatest(excluded.version, clerk_objects.version + 1), tie = excluded.tie
     WHERE NOT clerk_objects.deleted
    RETURNING id
), before AS MATERIALIZED (
    SELECT id,
           (coalesce($8, timezone), coalesce($9::text::time, reminder_time)) <> (timezone, reminder_time) AS moves_reminders
      FROM workspaces
     WHERE id = $2 AND EXISTS (SELECT FROM allowed) AND (SELECT count(*) FROM stamp) IS NOT NULL
       FOR NO KEY UPDATE
), updated AS (
    UPDATE workspaces w
       SET name = coalesce($3, w.name),
           slug = coalesce($4, w.slug),
           description = CASE WHEN $5 THEN $6 ELSE w.description END,
           image_url = coalesce($7, w.image_url),
           timezone = coalesce($8, w.timezone),
           reminder_time = coalesce($9::text::time, w.reminder_time),
           admins_manage_projects = coalesce($10, w.admins_manage_projects),
           reminders_moved_at = CASE WHEN before.moves_reminders THEN now() ELSE w.reminders_moved_at END,
           updated_at = now()
      FROM before
     WHERE w.id = before.id
    RETURNING w.id, before.moves_reminders
), promises AS (
    INSERT INTO outbox (id, kind, task_id, next_attempt_at)
    SELECT gen_random_uuid(), 'task_change', t.id, now()
      FROM updated
      JOIN projects p ON p.workspace_id = updated.id
      JOIN tasks t ON t.project_id = p.id
     WHERE updated.moves_reminders
       AND t.status <> 'DONE'
       -- Far enough back for every time zone.
       AND t.due_date > now() - interval '2 days'
       AND (t.due_date AT TIME ZONE 'UTC')::time = '00:00'
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'workspace_not_found'
           WHEN NOT (SELECT admin FROM access) THEN 'not_workspace_admin'
           WHEN EXISTS (SELECT FROM wish) AND NOT EXISTS (SELECT FROM allowed) THEN 'too_many_moves'
           WHEN NOT EXISTS (SELECT FROM updated) THEN 'workspace_not_found'
       END AS verdict
