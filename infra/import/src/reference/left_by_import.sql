-- Whether there is what only an import writes: a mail about an assignment that is settled though nobody has claimed it, or a
-- membership of which something older than all others was said.
SELECT EXISTS (SELECT FROM deliveries WHERE kind = 'assignment' AND sent_at IS NOT NULL AND message_id IS NULL AND claim IS NULL)
       OR EXISTS (SELECT FROM clerk_memberships WHERE source IN ('invitation', 'api') AND version = 0)
