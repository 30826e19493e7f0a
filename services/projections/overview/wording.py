"""How an overview says figures. Pure."""


def per_cent(share: float) -> str:
    """`17 %`; one place below ten."""
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else f"{share * 100:.0f} %"


def points(difference: float) -> str:
    """How far two shares lie apart, in percentage points: `17 points`; one place below ten."""
    return f"{difference * 100:.1f} points" if difference < 0.1 else f"{difference * 100:.0f} points"


def as_if(effective: float) -> str:
    """Effective deciders; of one alone there is nobody to be equal to."""
    said = f"{effective:.1f}"
    return "as if one person decided everything" if said == "1.0" else f"as if {said} people decided equally"


def risen(now: float | None, before: float | None, *, short: bool = False) -> str:
    """Effective deciders beside those of the period before."""
    if now is None:
        return "nobody known decided"
    told = "" if short else f"{as_if(now)}, "
    if before is None:
        return f"{told}nothing to compare with"
    if abs(now - before) < 0.05:
        return f"{told}as in the period before"
    return f"{told}{before:.1f} in the period before: {'more' if now > before else 'less'} spread"
