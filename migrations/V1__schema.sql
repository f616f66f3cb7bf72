-- Ids: Clerk's own text ids for users and workspaces (or a UUID for a workspace made through the API), UUIDv7 for the rest.
-- Functions send and read enums as text, so that no driver ever has to look a type up (a second round trip).

CREATE TYPE workspace_role AS ENUM ('ADMIN', 'MEMBER');
CREATE TYPE project_status AS ENUM ('PLANNING', 'ACTIVE', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CANCELLED');
CREATE TYPE priority AS ENUM ('LOW', 'MEDIUM', 'HIGH');
CREATE TYPE task_status AS ENUM ('TODO', 'IN_PROGRESS', 'DONE');
CREATE TYPE task_type AS ENUM ('TASK', 'BUG', 'FEATURE', 'IMPROVEMENT', 'OTHER');

-- People, as Clerk describes them. A row is never deleted: tasks and comments of others point at it. Deleting a user at
-- Clerk sets deleted_at and empties name, e-mail and image. A row that only an id is known of is a stub, completed by its
-- own event. `version` is the `updated_at` (ms) of the newest user object seen: it decides who owns an e-mail address.
CREATE TABLE users (
    id             text PRIMARY KEY CHECK (id <> ''),
    name           text CHECK (name <> ''),
    email          text CHECK (email <> ''),
    email_verified boolean     NOT NULL DEFAULT false,
    image          text        NOT NULL DEFAULT '',
    version        bigint      NOT NULL DEFAULT 0,
    deleted_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    -- What everybody sees: never null, never empty.
    display_name   text        NOT NULL GENERATED ALWAYS AS (
        CASE WHEN deleted_at IS NOT NULL THEN 'Deleted user'
             ELSE coalesce(name, nullif(split_part(email, '@', 1), ''), 'User')
        END
    ) STORED,
    CHECK (deleted_at IS NULL OR (name IS NULL AND email IS NULL AND image = ''))
);
-- Not unique: who owns an address depends on several users and is computed when read.
CREATE INDEX users_email ON users (lower(email));

CREATE TABLE workspaces (
    id                     text PRIMARY KEY CHECK (id <> ''),
    name                   text        NOT NULL CHECK (name <> ''),
    slug                   text        NOT NULL CHECK (slug <> ''),
    description            text,
    image_url              text        NOT NULL DEFAULT '',
    -- Who made it. Whether that is the owner still depends on the members: see workspace_owners.
    owner_id               text REFERENCES users,
    timezone               text        NOT NULL DEFAULT 'UTC',
    reminder_time          time        NOT NULL DEFAULT '00:00',
    admins_manage_projects boolean     NOT NULL DEFAULT false,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workspaces_owner_id ON workspaces (owner_id);

CREATE TABLE workspace_members (
    id           uuid PRIMARY KEY,
    workspace_id text           NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id      text           NOT NULL REFERENCES users,
    role         workspace_role NOT NULL,
    message      text           NOT NULL DEFAULT '',
    created_at   timestamptz    NOT NULL DEFAULT now(),
    updated_at   timestamptz    NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, user_id)
);
CREATE INDEX workspace_members_user_id ON workspace_members (user_id);
CREATE INDEX workspace_members_list ON workspace_members (workspace_id, created_at, user_id);

CREATE TABLE projects (
    id           uuid PRIMARY KEY,
    workspace_id text           NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name         text           NOT NULL CHECK (name <> ''),
    description  text,
    status       project_status NOT NULL DEFAULT 'ACTIVE',
    priority     priority       NOT NULL DEFAULT 'MEDIUM',
    progress     integer        NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    start_date   timestamptz,
    end_date     timestamptz,
    team_lead    text           NOT NULL REFERENCES users,
    created_at   timestamptz    NOT NULL DEFAULT now(),
    updated_at   timestamptz    NOT NULL DEFAULT now(),
    CONSTRAINT projects_dates CHECK (end_date >= start_date)
);
CREATE INDEX projects_list ON projects (workspace_id, created_at DESC, id DESC);
CREATE INDEX projects_team_lead ON projects (team_lead);

-- Who is in a project. It counts only while that person is in the workspace too: every reader joins workspace_members,
-- so that a person who leaves the workspace at Clerk loses the projects at that moment, in whatever order events arrive.
CREATE TABLE project_members (
    id         uuid PRIMARY KEY,
    project_id uuid        NOT NULL REFERENCES projects ON DELETE CASCADE,
    user_id    text        NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, user_id)
);
CREATE INDEX project_members_user_id ON project_members (user_id);
CREATE INDEX project_members_list ON project_members (project_id, created_at, id);

CREATE TABLE tasks (
    id          uuid PRIMARY KEY,
    project_id  uuid        NOT NULL REFERENCES projects ON DELETE CASCADE,
    title       text        NOT NULL CHECK (title <> ''),
    description text,
    status      task_status NOT NULL DEFAULT 'TODO',
    type        task_type   NOT NULL DEFAULT 'TASK',
    priority    priority    NOT NULL DEFAULT 'MEDIUM',
    assignee_id text        NOT NULL REFERENCES users,
    -- Counts assignments: an assignment is mailed once per (task, assignee, assignment).
    assignment  integer     NOT NULL DEFAULT 1,
    due_date    timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tasks_list ON tasks (project_id, created_at, id);
CREATE INDEX tasks_of_assignee ON tasks (assignee_id, due_date, id);

CREATE TABLE comments (
    id         uuid PRIMARY KEY,
    task_id    uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id    text        NOT NULL REFERENCES users,
    content    text        NOT NULL CHECK (content <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX comments_list ON comments (task_id, created_at, id);
CREATE INDEX comments_user_id ON comments (user_id);

-- The durable promise that a change of a task will be followed up (mail, schedule); the SQS message is only a nudge.
-- Without foreign keys: a row may outlive its task.
CREATE TABLE outbox (
    id              uuid PRIMARY KEY,
    kind            text        NOT NULL,
    task_id         uuid        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    dead_at         timestamptz
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE dead_at IS NULL;

-- What was mailed, or is being mailed: claim, send, mark sent. `version` is the task's assignment number for an assignment
-- mail and the due time (seconds since the epoch) for a reminder.
CREATE TABLE deliveries (
    kind          text        NOT NULL,
    task_id       uuid        NOT NULL,
    user_id       text        NOT NULL,
    version       bigint      NOT NULL,
    claimed_until timestamptz NOT NULL,
    sent_at       timestamptz,
    message_id    text,
    PRIMARY KEY (kind, task_id, user_id, version)
);
CREATE INDEX deliveries_sent_at ON deliveries (sent_at);

-- The newest version of each Clerk object that was seen, so that events can arrive in any order and any number of times.
CREATE TABLE clerk_objects (
    kind    text    NOT NULL,
    id      text    NOT NULL,
    version bigint  NOT NULL,
    tie     text    NOT NULL DEFAULT '',
    deleted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (kind, id)
);

-- The owner of each workspace: the stored one while a member, else the longest-standing ADMIN, else the longest-standing
-- member.
CREATE VIEW workspace_owners AS
SELECT w.id AS workspace_id, o.user_id
  FROM workspaces w
 CROSS JOIN LATERAL (
        SELECT m.user_id
          FROM workspace_members m
         WHERE m.workspace_id = w.id
         ORDER BY m.user_id IS NOT DISTINCT FROM w.owner_id DESC, m.role, m.created_at, m.user_id
         LIMIT 1
       ) o;

-- Who owns an e-mail address: of the users that verified it the one with the newest version. Only the owner is found by it.
CREATE FUNCTION email_owner(address text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT id
  FROM users
 WHERE lower(email) = lower(address) AND email_verified AND deleted_at IS NULL
 ORDER BY version DESC, id
 LIMIT 1
$$;

-- Who is in which project, and what they may do there. One row for each project and each member of its workspace: no row
-- means that for this person the project does not exist.
--   in_project   in the project, and in its workspace
--   leads        may do what the team lead may: the lead, or an ADMIN where the workspace lets ADMINs manage projects
--   admin        ADMIN of the workspace
CREATE VIEW project_access AS
SELECT p.id AS project_id,
       p.workspace_id,
       p.team_lead,
       m.user_id,
       pm.user_id IS NOT NULL AS in_project,
       m.role = 'ADMIN' AS admin,
       m.user_id = p.team_lead OR (m.role = 'ADMIN' AND w.admins_manage_projects) AS leads
  FROM projects p
  JOIN workspaces w ON w.id = p.workspace_id
  JOIN workspace_members m ON m.workspace_id = p.workspace_id
  LEFT JOIN project_members pm ON pm.project_id = p.id AND pm.user_id = m.user_id;

-- Who sees which task, and what they may do there. One row for each task and each member of its workspace.
--   visible      may read the task and its comments, and comment: who is in the project, an ADMIN, and the assignee, who
--                stays able to work on a task after being taken out of the project
--   assigned     the assignee
CREATE VIEW task_access AS
SELECT t.id AS task_id,
       t.project_id,
       x.user_id,
       x.leads,
       x.admin,
       t.assignee_id = x.user_id AS assigned,
       x.in_project OR x.admin OR t.assignee_id = x.user_id AS visible
  FROM tasks t
  JOIN project_access x ON x.project_id = t.project_id;
