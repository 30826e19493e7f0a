-- Withdraw the one token whose id this is.
UPDATE access.tokens SET expires_at = now() WHERE left(encode(hash, 'hex'), 12) = $1 AND expires_at > now()
