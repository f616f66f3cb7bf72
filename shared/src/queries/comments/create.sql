-- Writes a comment, for who may read the task. The row that already has the comment's id (a repetition) is left as it is, and
-- is the answer. What is new counts among what the caller may write in a day ($5).
WITH access AS (
    SELECT FROM task_access WHERE task_id = $2 AND user_id = $1 AND visible
), repeated AS (
    SELECT FROM comments WHERE id = $3
), counted AS (
    INSERT INTO daily_use AS today (user_id, writings)
    SELECT $1, 1 FROM access WHERE NOT EXISTS (SELECT FROM repeated)
    ON CONFLICT (user_id, day) DO UPDATE SET writings = today.writings + 1 WHERE today.writings < $5
    RETURNING user_id
), comment AS (
    INSERT INTO comments (id, task_id, user_id, content)
    SELECT $3, $2, $1, $4 FROM access WHERE EXISTS (SELECT FROM counted) OR EXISTS (SELECT FROM repeated)
    ON CONFLICT (id) DO UPDATE SET id = excluded.id
    RETURNING *
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'task_not_commentable'
           WHEN NOT EXISTS (SELECT FROM comment) THEN 'too_many_writings'
       END AS verdict
