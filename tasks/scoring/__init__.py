"""What an evaluation of arms leaves, whatever its measures: scores, comparisons, and the statistics behind them."""
