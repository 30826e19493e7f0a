"""The ledger: takes events, judges and orders them, and keeps them for ever."""
