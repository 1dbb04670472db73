"""The workshop itself: the machine that it runs on, and its benchmarks."""
