"""Attacks on the record, each run for real: stopped, or named by `locus verify` with the exact position.

One file a kind of attacker. What the parts' own tests prove already at the same level stays with them:

==================================================== ========================================================
a login of the database updates, deletes, truncates,  integration/test_roles.py, test_tenants.py; beyond that
drops row-level security, takes a role, makes objects test_logins.py
a login reads another tenant, or what is not its own  integration/test_roles.py, test_tenants.py
a connection used by one tenant after another         integration/test_roles.py; through both services
                                                      test_tenants.py
any address with a token for another ledger           integration/test_publishers.py; with one's own, asking
                                                      for another's things: test_tenants.py
a superuser edits a byte, swaps two, drops, inserts,  integration/test_verify.py; at a running service
cuts the tail, back-dates; a column, commit or tile   integration/test_audit_cli.py
any value in any column: none, infinite, huge, or at a test_columns.py
place where there can be no row
a superuser makes everything fit the lie, without     test_superuser.py
the signing key and with it
a rewrite with the key, before a witness              integration/test_witness.py
two histories under one key                           test_split_view.py
an old backup under a running service, or its tail    integration/test_signing.py; restored with PostgreSQL's
                                                      own tools: test_restores.py
what was signed last, damaged                         integration/test_signing.py; deleted: test_restores.py
a ledger of that name with another log                integration/test_signing.py, test_log.py
the vault restored, its rows put back, keys moved     integration/test_privacy.py
the whole disk searched for an erased person; the     test_erasure_on_disk.py (in each fault run as well:
data directory of before put back                     faults/test_erasure.py)
another's source or correction                        integration/test_http_publishing.py, test_nats_intake;
                                                      in every way there is to publish: test_events.py
a replay                                              integration/test_append.py, test_http_publishing.py;
                                                      in every way: test_events.py
`person.erased`, or the ledger's own source           test_events.py
tokens with `alg: none`, a confused algorithm, a wrong integration/test_publishers, unit/test_platform_oidc;
audience or issuer, expired; unknown key ids in a     odd ones test_tokens.py
flood; a key set that is not one, redirects
a NATS client publishes as the ledger, deletes a      integration/test_nats_permissions.py; steals tokens or
stream, reads another's inbox, has an answer sent to  answers for the intake: test_nats_clients.py
a stream; hears events
a NATS message that nobody can read, a reply address  integration/test_nats_intake.py
with white space
names with lines in them, other spellings of paths,   test_names_and_paths.py, unit/test_tiles.py
tiles too far
a bundle changed or forged                            unit/test_evidence.py; made to harm: test_bundles.py
more at once than there is room for                   integration/test_publishers.py, test_nats_early.py
==================================================== ========================================================

What is not stopped, and says so: a change after the newest checkpoint that anybody kept, by whoever has
both the database and the key (test_superuser.py shows up to which position it shows); publishers that share
one NATS user hear each other's receipts, so each is given its own (deploy/nats.conf).
"""
