-- Whether any names an actor: those of which nobody can tell whom they name are all that is said of nobody.
SELECT EXISTS (SELECT ledger.rejected_about($1, $2) EXCEPT SELECT ledger.rejected_about($1, ''))
