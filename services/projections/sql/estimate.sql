-- Have the planner know how many rows each generation has.
SELECT projections.estimate()
