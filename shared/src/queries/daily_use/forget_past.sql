-- Forgets the days before yesterday; yesterday stays for those whose statements began before midnight.
DELETE FROM daily_use WHERE day < (now() AT TIME ZONE 'UTC')::date - 1 RETURNING day
