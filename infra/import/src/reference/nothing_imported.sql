-- There was no import yet, and in a dry run nothing is made to remember one.
CREATE TEMP TABLE imported (kind text, old_id text, id text, fingerprint bytea, updated_at timestamptz)
