"""What measures share: effects, intervals, p-values, and the null by new pairs or by shifts in time."""
