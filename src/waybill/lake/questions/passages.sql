-- What has gone through some things lately, a row each.
-- $names, $things: names by which logs know a thing, and beside each the thing; $since: from when on;
-- $actions: those that move something; $shown: how many ids to give of each, the newest
WITH named AS (SELECT unnest($names) AS name, unnest($things) AS thing),
moved AS (
  SELECT id, time, records, from_place, to_place, application FROM transfers
  WHERE time >= $since AND list_contains($actions, action) AND outcome NOT IN ('blocked', 'failure')
),
passed AS (
  SELECT thing, id, time, records FROM moved JOIN named ON from_place = name
  UNION SELECT thing, id, time, records FROM moved JOIN named ON to_place = name
  UNION SELECT thing, id, time, records FROM moved JOIN named ON application = name
)
SELECT thing, count(*) AS transfers, coalesce(sum(records), 0) AS records,
       list(lower(hex(id)) ORDER BY time DESC)[1:$shown] AS ids
FROM passed GROUP BY thing
