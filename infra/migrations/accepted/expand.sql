-- What a migration may do while the code before it still answers requests.
ALTER TABLE tasks ADD COLUMN estimate integer;
ALTER TABLE tasks ADD COLUMN starred boolean NOT NULL DEFAULT false;
ALTER TABLE tasks ADD CONSTRAINT tasks_estimate CHECK (estimate > 0) NOT VALID;

CREATE TABLE labels (
    id         uuid PRIMARY KEY,
    task_id    uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    name       text        NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX labels_list ON labels (task_id, created_at, id);

-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS tasks_starred ON tasks (project_id) WHERE starred;
