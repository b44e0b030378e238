"""One proof a file, named after the system it proves."""
