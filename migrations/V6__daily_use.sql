-- What each person did today of that of which a day has only so much: shared/src/quotas.rs says what counts, and how much there
-- is of it. The statement that does the thing counts it, so that two at once cannot both take the last. A day is one of UTC.
-- Without a foreign key: the row is gone two nights later, and must not be in the way of anything until then.
CREATE TABLE daily_use (
    user_id    text    NOT NULL,
    day        date    NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    -- Workspaces made.
    workspaces integer NOT NULL DEFAULT 0,
    -- People added to a workspace, or tried to be.
    additions  integer NOT NULL DEFAULT 0,
    -- Projects, tasks and comments written.
    writings   integer NOT NULL DEFAULT 0,
    -- Changes of tasks that somebody is mailed about, now or when they are due.
    follow_ups integer NOT NULL DEFAULT 0,
    -- Changes of settings that move the reminders of a workspace.
    moves      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, day)
)
-- A row is changed often in its one day: room for its next version beside it.
WITH (fillfactor = 50);
