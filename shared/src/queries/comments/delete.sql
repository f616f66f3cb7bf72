-- Deletes a comment, for its author, who may lead the project, or an ADMIN.
WITH access AS (
    SELECT c.user_id = $1 OR x.leads OR x.admin AS allowed
      FROM comments c
      JOIN task_access x ON x.task_id = c.task_id AND x.user_id = $1 AND x.visible
     WHERE c.id = $2
), deleted AS (
    DELETE FROM comments c USING access WHERE c.id = $2 AND access.allowed RETURNING c.id
)
SELECT CASE
           WHEN NOT EXISTS (SELECT FROM access) THEN 'comment_not_found'
           WHEN NOT (SELECT allowed FROM access) THEN 'not_comment_author'
           WHEN NOT EXISTS (SELECT FROM deleted) THEN 'comment_not_found'
       END AS verdict
