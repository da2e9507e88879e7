-- Transfers that match a filter, newest first, a page at a time. A value of NULL does not filter.
-- $from, $until: stretch of time; $actor, $asset (a prefix), $channel, $action, $outcome, $grade, $to_place, $source
-- $within: what the reader may see, as `organisation/grade`, `*` for every organisation
-- $before_time, $before_id: time and id of the last row of the page before, NULL for the first page; $limit: rows a page
WITH page AS (
    SELECT time, id
    FROM transfers
    WHERE time >= $from AND time < $until
      AND ($before_time IS NULL OR time < $before_time OR (time = $before_time AND id > $before_id))
      AND ($within IS NULL
           OR list_contains($within, concat(coalesce(actor_org, ''), '/', coalesce(grade, 'general')))
           OR list_contains($within, concat('*/', coalesce(grade, 'general'))))
      AND ($actor IS NULL OR actor = $actor)
      AND ($asset IS NULL OR starts_with(asset, $asset))
      AND ($channel IS NULL OR channel = $channel)
      AND ($action IS NULL OR action = $action)
      AND ($outcome IS NULL OR outcome = $outcome)
      AND ($grade IS NULL OR grade = $grade)
      AND ($to_place IS NULL OR to_place = $to_place)
      AND ($source IS NULL OR source = $source)
    ORDER BY time DESC, id
    LIMIT $limit
)
SELECT t.*
FROM transfers t SEMI JOIN page USING (time, id)
ORDER BY t.time DESC, t.id
