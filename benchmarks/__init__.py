"""Figures: speed, latency and cost at rest. `python -m benchmarks` prints them."""
