ALTER TABLE outbox ADD CONSTRAINT outbox_task FOREIGN KEY (task_id) REFERENCES tasks;
