"""When two texts say the same. Pure."""

import re


def same(text: str) -> str:
    """What two texts have in common that are one but for case, spaces and how they end."""
    return re.sub(r"\s+", " ", text).strip().rstrip(".!?… ").casefold()
