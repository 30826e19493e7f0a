"""What services stand on: settings, database, messaging, access, problems. It knows nothing of decisions."""
