"""Small organisations told by events alone, with the knots a careful reader of them would see."""
