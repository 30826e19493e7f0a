"""What slows work down and what holds: stages, waits and how long decisions stand. Pure, over a history."""
