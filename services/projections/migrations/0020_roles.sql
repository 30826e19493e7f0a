-- Nothing for PUBLIC; the views' own function for the projector.
REVOKE ALL ON ALL TABLES IN SCHEMA projections FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA projections FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projections.chosen TO locus_projector;
