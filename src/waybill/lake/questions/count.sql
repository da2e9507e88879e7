-- How many transfers match a filter; conditions as in `page`.
-- $by_asset: whether each asset is counted by itself
SELECT CASE WHEN $by_asset THEN asset END AS asset, count(*) AS transfers
FROM transfers
WHERE time >= $from AND time < $until
  {matching}
GROUP BY 1
