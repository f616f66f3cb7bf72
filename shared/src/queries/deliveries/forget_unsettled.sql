-- Forgets up to $1 mails that nobody knows the fate of, were last tried a month ago and cannot come up again, as in
-- forget_settled.sql.
DELETE FROM deliveries d
 USING (SELECT old.kind, old.task_id, old.user_id, old.version
          FROM deliveries old
          LEFT JOIN tasks t ON t.id = old.task_id AND t.assignee_id = old.user_id
         WHERE old.sent_at IS NULL
           AND old.claimed_until < now() - interval '30 days'
           AND old.version IS DISTINCT FROM CASE old.kind
                   WHEN 'assignment' THEN t.assignment
                   WHEN 'reminder' THEN floor(extract(epoch FROM t.due_date))::bigint
               END
         LIMIT $1) old
 WHERE (d.kind, d.task_id, d.user_id, d.version) = (old.kind, old.task_id, old.user_id, old.version)
RETURNING d.task_id
