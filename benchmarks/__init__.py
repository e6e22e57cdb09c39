"""What the integration costs, as ratios to the least possible in the same run."""
