-- Destinations that nobody had sent anything to before, with who was first and what went there since.
-- $from, $until: stretch of time in which they were first seen; $limit: how many
SELECT to_place,
       min(time)                       AS first_seen,
       arg_min(actor, time)            AS first_actor,
       count(*)                        AS transfers,
       coalesce(sum(bytes), 0)::BIGINT AS bytes
FROM transfers
WHERE to_place IS NOT NULL
  AND time < $until
GROUP BY to_place
HAVING min(time) >= $from
ORDER BY first_seen, to_place
LIMIT $limit
