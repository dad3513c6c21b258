"""One run from its start to its end: its record, its limits, what a person sees meanwhile and where results lie."""
