"""How fast, beside what: every bar that design §7 sets, measured in one run and printed as ratios.

Run them with nothing else on the machine: `./locus test --bench [NAMES]` (or `python -m tests.benchmarks`).
"""
