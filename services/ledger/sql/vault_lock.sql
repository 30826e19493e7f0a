-- Alone with the vault until the transaction ends.
SELECT vault.lock()
