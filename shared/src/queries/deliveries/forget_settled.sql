-- Of the next $1 mails that were settled a month ago, behind the one ($2 to $6), forgets those that cannot come up again: an
-- assignment counts up, and a reminder is for one due date. Answers with the last one that it looked at; no row: there was none.
WITH page AS MATERIALIZED (
    SELECT sent_at, kind, task_id, user_id, version
      FROM deliveries
     WHERE sent_at < now() - interval '30 days'
       AND sent_at >= $2
       AND (sent_at, kind, task_id, user_id, version) > ($2, $3, $4, $5, $6)
     ORDER BY sent_at, kind, task_id, user_id, version
     LIMIT $1
), forgotten AS (
    DELETE FROM deliveries d
     USING page
      LEFT JOIN tasks t ON t.id = page.task_id AND t.assignee_id = page.user_id
     WHERE (d.kind, d.task_id, d.user_id, d.version) = (page.kind, page.task_id, page.user_id, page.version)
       AND page.version IS DISTINCT FROM CASE page.kind
               WHEN 'assignment' THEN t.assignment
               WHEN 'reminder' THEN floor(extract(epoch FROM t.due_date))::bigint
           END
    RETURNING d.task_id
)
SELECT sent_at, kind, task_id, user_id, version, (SELECT count(*) FROM forgotten) AS forgotten
  FROM page
 ORDER BY sent_at DESC, kind DESC, task_id DESC, user_id DESC, version DESC
 LIMIT 1
