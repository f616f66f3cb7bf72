-- Locks who a removal is about, for remove_member.sql behind it in the same transaction: it sees what was done by those who held
-- them, for example a project that the member was just given to lead. First the ADMINs, in the order of update_member.sql.
SELECT
  FROM workspace_members
 WHERE workspace_id = $2
   AND (role = 'ADMIN' OR user_id = $3)
   AND EXISTS (SELECT FROM workspace_members WHERE workspace_id = $2 AND user_id = $1)
 ORDER BY role, user_id
   FOR UPDATE
