BEGIN; ALTER TABLE tasks ADD COLUMN estimate integer; COMMIT;
