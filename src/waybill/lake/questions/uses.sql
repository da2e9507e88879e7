-- How much of some assets moved, by all that decides which permit covers it.
-- $assets: the assets as logs name them; $edges: moments, lowest first, between which uses are told apart;
-- $actions: those that move something
SELECT asset, channel, coalesce(actor, '') AS actor, coalesce(actor_org, '') AS actor_org,
       coalesce(permit, '') AS permit, coalesce(from_place, '') AS from_place, coalesce(to_place, '') AS to_place,
       coalesce(to_party, '') AS to_party, coalesce(to_jurisdiction, '') AS to_jurisdiction,
       len(list_filter($edges, lambda edge: edge <= time)) AS span,
       unit, count(*) AS transfers, sum(bytes) AS bytes, sum(records) AS records, sum(quantity) AS quantity,
       max(time) AS last
FROM transfers
WHERE list_contains($assets, asset) AND list_contains($actions, action) AND outcome NOT IN ('blocked', 'failure')
GROUP BY ALL
