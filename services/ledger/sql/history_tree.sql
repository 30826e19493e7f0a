-- What the root of the tree at a position is made of.
SELECT last, root, before, frontier, leaves FROM ledger.tree_at($1, $2)
