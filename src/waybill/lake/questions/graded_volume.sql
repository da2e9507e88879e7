-- How much of each grade moved on each day (UTC).
-- $from, $until: stretch of time
-- Days are counted as whole numbers: calendar functions over time zones cost five times as much.
WITH counted AS (
    SELECT epoch_us(time) // 86400000000 AS day_number,
           coalesce(grade, '')           AS grade,
           count(*)                      AS transfers,
           coalesce(sum(bytes), 0)::BIGINT AS bytes
    FROM transfers
    WHERE time >= $from AND time < $until
    GROUP BY ALL
)
SELECT DATE '1970-01-01' + day_number::INTEGER AS day, grade, transfers, bytes
FROM counted
ORDER BY day, grade
