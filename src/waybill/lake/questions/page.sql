-- Transfers that match a filter, newest first, a page at a time. A value of NULL does not filter.
-- $from, $until: stretch of time; $actor, $asset (a prefix), $channel, $action, $outcome, $grade, $to_place, $source
-- $within: what the reader may see, as `organisation/grade`, `*` for every organisation
-- $before_time, $before_id: time and id of the last row of the page before, NULL for the first page; $limit: rows a page
WITH page AS (
    SELECT time, id
    FROM transfers
    WHERE time >= $from AND time < $until
      AND ($before_time IS NULL OR time < $before_time OR (time = $before_time AND id > $before_id))
      {matching}
    ORDER BY time DESC, id
    LIMIT $limit
)
SELECT t.*
FROM transfers t SEMI JOIN page USING (time, id)
ORDER BY t.time DESC, t.id
