-- Everything that happened to one asset, in order.
-- $asset: the asset as the sources name it; $limit: how many
SELECT time, id, action, outcome, channel, actor, from_place, to_place, to_party, bytes
FROM transfers
WHERE asset = $asset
ORDER BY time, id
LIMIT $limit
