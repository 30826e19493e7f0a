-- Keep erasures, holds and turns of the epoch away until the transaction ends.
SELECT vault.share()
