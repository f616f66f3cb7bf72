-- Writes a comment, for who may read the task. The row that already has the comment's id (a repetition) is left as it is, and
-- is the answer.
WITH access AS (
    SELECT FROM task_access WHERE task_id = $2 AND user_id = $1 AND visible
), comment AS (
    INSERT INTO comments (id, task_id, user_id, content)
    SELECT $3, $2, $1, $4 FROM access
    ON CONFLICT (id) DO UPDATE SET id = excluded.id
    RETURNING *
)
SELECT CASE WHEN NOT EXISTS (SELECT FROM comment) THEN 'task_not_commentable' END AS verdict
