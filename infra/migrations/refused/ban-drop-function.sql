DROP FUNCTION email_owner (text);
