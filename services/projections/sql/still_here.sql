-- Nothing is asked: the server only hears that the transaction is not left behind.
SELECT
