-- Delete the key of somebody whose erasure is intended.
SELECT vault.forget($1, $2, $3)
