-- Withdraw every token of a publisher; processes notice when their short cache runs out.
UPDATE access.tokens SET expires_at = now() WHERE publisher = $1 AND expires_at > now()
