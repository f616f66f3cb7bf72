ALTER TABLE tasks ALTER COLUMN assignment TYPE bigint;
