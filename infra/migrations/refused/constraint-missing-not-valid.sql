ALTER TABLE tasks ADD CONSTRAINT tasks_title CHECK (length(title) < 100);
