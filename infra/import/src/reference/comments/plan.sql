-- What becomes of each old comment.
CREATE TEMP TABLE new_comments AS
WITH mapped AS (
    SELECT o.id AS old_id,
           pg_temp.uuid_of('comment', o.id) AS id,
           t.id AS task_id,
           o.user_id,
           o.content,
           pg_temp.instant(o.created_at) AS created_at,
           CASE WHEN t.present IS NOT TRUE THEN 'is of a task that is not brought over'
                WHEN u.present IS NOT TRUE THEN 'is of a user who is not brought over'
                WHEN o.content !~ '\S' THEN 'is empty'
           END AS skip,
           array_remove(ARRAY[
               CASE WHEN o.id <> pg_temp.uuid_of('comment', o.id)::text THEN 'has an id that is no UUID, and gets one' END,
               CASE WHEN length(o.content) > 10000 THEN 'is longer than what can be entered' END
           ], NULL) AS notes
      FROM old_comments o
      LEFT JOIN new_tasks t ON t.old_id = o.task_id
      LEFT JOIN new_users u ON u.id = o.user_id
), printed AS (
    SELECT m.*, sha256(convert_to(ROW(m.id, m.task_id, m.user_id, m.content, m.created_at)::text, 'UTF8')) AS fingerprint
      FROM mapped m
), compared AS (
    SELECT p.*,
           i.old_id IS NOT NULL AS imported,
           t.id IS NOT NULL AS there,
           i.fingerprint = p.fingerprint AS same,
           t.updated_at = i.updated_at AS untouched,
           t.updated_at AS seen
      FROM printed p
      LEFT JOIN imported i ON i.kind = 'comments' AND i.old_id = p.old_id
      LEFT JOIN comments t ON t.id = p.id
), decided AS (
    SELECT c.*, pg_temp.fate(skip, imported, there, same, untouched) AS fate FROM compared c
)
SELECT row_number() OVER (ORDER BY id) AS n,
       old_id,
       id,
       task_id,
       user_id,
       content,
       created_at,
       fingerprint,
       fate,
       CASE fate WHEN 'skipped' THEN skip WHEN 'kept' THEN pg_temp.why_kept(imported, there) END AS reason,
       notes,
       seen
  FROM decided
