-- Who moved most in a stretch of time, and to how many destinations.
-- $from, $until: stretch of time; $limit: how many
-- Destinations are counted in a second pass over the few parties found: counting them for all costs six times as much.
WITH moved AS NOT MATERIALIZED (
    SELECT actor, to_place, bytes
    FROM transfers
    WHERE time >= $from AND time < $until
      AND actor IS NOT NULL
      AND action IN ('copy', 'move', 'download', 'upload', 'send', 'share', 'print', 'export', 'ship', 'deploy')
),
top AS (
    SELECT actor, count(*) AS transfers, coalesce(sum(bytes), 0)::BIGINT AS bytes
    FROM moved
    GROUP BY actor
    ORDER BY bytes DESC, actor
    LIMIT $limit
),
reach AS (
    SELECT actor, count(DISTINCT to_place) AS destinations
    FROM moved SEMI JOIN top USING (actor)
    GROUP BY actor
)
SELECT actor, transfers, bytes, destinations
FROM top JOIN reach USING (actor)
ORDER BY bytes DESC, actor
