"""The facts: what a subject's entries say, as rows.

One module a kind; `registry` finds every module that has FOLDINGS.
"""
