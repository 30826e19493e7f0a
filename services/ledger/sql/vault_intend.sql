-- Begin an erasure, unless a legal hold forbids it; once begun, it stays as it was begun.
SELECT vault.intend($1, $2, $3, $4)
