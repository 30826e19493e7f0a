-- How far the views of every ledger have come.
SELECT ledger, position, head, parked FROM projections.lags()
