"""One decision or initiative whole: what was asked, said, decided, under which row, what followed. Pure."""
