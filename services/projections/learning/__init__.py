"""Whether the organisation learns by doing: experiments, looking back, lessons, rows that change. Pure."""
