-- What went from where to where, over which channel, in a stretch of time; the largest flows.
-- $from, $until: stretch of time; $limit: how many
SELECT from_place,
       to_place,
       channel,
       count(*)                        AS transfers,
       coalesce(sum(bytes), 0)::BIGINT AS bytes
FROM transfers
WHERE time >= $from AND time < $until
GROUP BY from_place, to_place, channel
ORDER BY bytes DESC, transfers DESC, from_place, to_place, channel
LIMIT $limit
