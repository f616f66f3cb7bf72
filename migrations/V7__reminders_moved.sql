-- When time zone or reminder time last changed: a reminder of a due date without a time of day whose new time had passed already
-- then does not come. NULL where they never did, or not since this column is there.
ALTER TABLE workspaces ADD COLUMN reminders_moved_at timestamptz;
