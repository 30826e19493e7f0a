"""The projections: facts folded from entries, and the views asked of them."""
