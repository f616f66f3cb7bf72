       -- Not one of those that may be NULL: only so does the status find its way into the index.
       AND t.status = $6::task_status
