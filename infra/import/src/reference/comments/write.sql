-- Writes the comments from $1 to $2 as planned, those excepted that were changed since the plan, or whose task was deleted: one
-- that is just being deleted is waited for. Answers how many.
WITH planned AS (
    SELECT * FROM new_comments WHERE n BETWEEN $1 AND $2 AND fate IN ('inserted', 'updated')
), tasks_held AS MATERIALIZED (
    SELECT id AS task_id FROM tasks WHERE id IN (SELECT task_id FROM planned) ORDER BY id FOR KEY SHARE
), batch AS (
    SELECT * FROM planned JOIN tasks_held USING (task_id)
), inserted AS (
    INSERT INTO comments (id, task_id, user_id, content, created_at, updated_at)
    SELECT id, task_id, user_id, content, created_at, created_at FROM batch WHERE fate = 'inserted' ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id, updated_at
), updated AS (
    UPDATE comments c
       SET task_id = b.task_id, user_id = b.user_id, content = b.content, created_at = b.created_at, updated_at = b.created_at
      FROM batch b
     WHERE b.fate = 'updated' AND c.id = b.id AND c.updated_at = b.seen
    RETURNING c.id, c.updated_at
), written AS (
    SELECT * FROM inserted UNION ALL SELECT * FROM updated
), remembered AS (
    INSERT INTO cairn_import.imported (kind, old_id, id, fingerprint, updated_at)
    SELECT 'comments', b.old_id, b.id::text, b.fingerprint, w.updated_at FROM written w JOIN batch b USING (id)
    ON CONFLICT (kind, old_id) DO UPDATE SET fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
)
SELECT count(*) FROM written
