DROP VIEW task_access;
