"""What people say they live beside what is said of it, and beside how decisions are treated. Pure."""
