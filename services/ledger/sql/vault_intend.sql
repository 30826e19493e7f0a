-- Begin erasures, of those whom no legal hold forbids to; once begun, each stays as it was begun.
SELECT vault.intend($1, n.holder, $3, $4) FROM unnest($2::text[]) AS n (holder)
