-- What imports have brought over, so that the next one knows what has changed since, on either side. Beside Cairn's tables and
-- not of them: whoever has moved in for good may drop the schema.
CREATE SCHEMA IF NOT EXISTS cairn_import;
CREATE TABLE IF NOT EXISTS cairn_import.imported (
    kind        text  NOT NULL,
    old_id      text  NOT NULL,
    -- The id in Cairn.
    id          text  NOT NULL,
    -- The hash of what the old row came to, and when the row in Cairn was last changed, by the import that wrote it.
    fingerprint bytea NOT NULL,
    updated_at  timestamptz,
    PRIMARY KEY (kind, old_id)
)
