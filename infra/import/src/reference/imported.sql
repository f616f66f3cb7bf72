-- What earlier imports brought over.
CREATE TEMP VIEW imported AS SELECT kind, old_id, id, fingerprint, updated_at FROM cairn_import.imported
