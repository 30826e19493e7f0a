-- Keep a person from being erased; false: the erasure has begun.
SELECT vault.hold($1, $2, $3, $4, $5)
