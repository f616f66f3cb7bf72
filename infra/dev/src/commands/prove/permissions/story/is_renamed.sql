-- 1 if the user $1 bears the new name.
SELECT count(*)
FROM users
WHERE id = $1 AND name LIKE 'Caroline%'
