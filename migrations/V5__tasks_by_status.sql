-- Lists of tasks by status: the oldest open ones of a project, what of somebody's own is still to do. Without these the list's
-- other index is read from its start, past everything that is done. Together they cost about 150 bytes a task, and 5 to 8 % of
-- the time that making or changing a task takes the server. A table of more than half a million tasks gets them by hand before
-- this runs, with CREATE INDEX CONCURRENTLY and the same names; a smaller one is locked for three seconds at most.

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS tasks_by_status ON tasks (project_id, status, created_at, id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS tasks_of_assignee_by_status ON tasks (assignee_id, status, due_date, id);
