"""Whose advice goes with the outcomes, who follows whom, who hands work on to whom. Pure, over a history."""
