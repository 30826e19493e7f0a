"""How people keep together without a hierarchy: spaces, cadence, decisions shared, bodies that meet. Pure."""
