-- What one party did in a stretch of time, newest first.
-- $actor: the party; $from, $until: stretch of time; $limit: how many
SELECT time, id, action, outcome, channel, asset, grade, from_place, to_place, to_party, bytes
FROM transfers
WHERE actor = $actor
  AND time >= $from AND time < $until
ORDER BY time DESC, id
LIMIT $limit
