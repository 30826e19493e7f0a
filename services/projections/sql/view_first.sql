-- The first instant that anything a question is about lies in.
SELECT min(place) FROM projections.chosen($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
