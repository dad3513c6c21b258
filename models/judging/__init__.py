"""What may be concluded from figures: intervals, comparisons judged together, and what it would take to say more."""
