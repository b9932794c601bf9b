"""What can happen: one payload for each kind of event, beside what it does to its document."""
