ALTER TABLE tasks ADD COLUMN estimate integer NOT NULL;
