"""What a pipeline is: its record, how its journey is walked in a run, a plan and a sweep, and which ones there are."""
