ALTER TABLE workspaces ADD CONSTRAINT workspaces_slug UNIQUE (slug);
