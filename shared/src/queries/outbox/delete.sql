-- Takes the row $1 away: what it promised is done.
DELETE FROM outbox WHERE id = $1
