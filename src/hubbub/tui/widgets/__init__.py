"""What is drawn: one widget per file. None of them knows a server; screens bring them together."""
