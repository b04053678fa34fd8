"""一人一档: departments' files, linked into one file a person."""
