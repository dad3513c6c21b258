"""Detection networks, their anchors, targets and losses."""
