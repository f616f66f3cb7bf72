-- What was said of who is in which workspace, so that Clerk's events can arrive in any order. Somebody may have been in a
-- workspace several times, and Clerk speaks of each time under another id: a late word about the first must not end the
-- second. Hence a row for each of Clerk's memberships (`source` is its id), one for accepted invitations (`invitation`, which
-- name no membership) and one for what was done through our API (`api`). Each holds the newest that its source said; who is
-- in the workspace follows from all of them (shared/src/queries/clerk/membership.sql).
--
-- Without foreign keys, as clerk_objects. Deleting a user or an organization removes the rows.
CREATE TABLE clerk_memberships (
    workspace_id text             NOT NULL,
    user_id      text             NOT NULL,
    source       text             NOT NULL,
    version      bigint           NOT NULL,
    tie          text COLLATE "C" NOT NULL,
    deleted      boolean          NOT NULL,
    role         workspace_role   NOT NULL,
    since        timestamptz      NOT NULL,
    PRIMARY KEY (workspace_id, user_id, source)
);
CREATE INDEX clerk_memberships_user_id ON clerk_memberships (user_id);

-- Versions are compared the same way in every database, whatever its collation.
ALTER TABLE clerk_objects ALTER COLUMN tie TYPE text COLLATE "C";

-- The version of what is done now, through our API: milliseconds since the epoch.
CREATE FUNCTION present_version() RETURNS bigint LANGUAGE sql VOLATILE AS $$
SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

-- The same for a membership: newer than all that was said of it, also when Clerk's clock is ahead of ours.
CREATE FUNCTION present_membership_version(workspace text, member text) RETURNS bigint LANGUAGE sql VOLATILE AS $$
SELECT greatest(present_version(), max(version) + 1)
  FROM clerk_memberships
 WHERE workspace_id = workspace AND user_id = member
$$;

-- Those who were members before this table was.
INSERT INTO clerk_memberships (workspace_id, user_id, source, version, tie, deleted, role, since)
SELECT workspace_id, user_id, 'api', floor(extract(epoch FROM updated_at) * 1000)::bigint, '~', false, role, created_at
  FROM workspace_members;
