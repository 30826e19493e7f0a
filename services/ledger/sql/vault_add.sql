-- Keep new keys; whoever has one by now keeps that. False: the epoch has turned.
SELECT vault.add($1, $2, $3, $4)
