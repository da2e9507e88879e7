"""Assets, parties, places and permits; pseudonyms and protected channels."""
