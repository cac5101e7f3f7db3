"""What recorded sessions add to a table of turns: conditions, what was realised, the check of the manipulation."""
