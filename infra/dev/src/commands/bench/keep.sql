-- Copies of what measured requests delete beside what is there to be deleted: see reset.sql.
CREATE SCHEMA bench;
CREATE TABLE bench.workspace_members AS TABLE workspace_members;
CREATE TABLE bench.project_members AS TABLE project_members;
