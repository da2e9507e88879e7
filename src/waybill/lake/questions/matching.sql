-- The filter that `page` and `count` share, in place of {matching}; what its parameters mean stands in `page`.
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
