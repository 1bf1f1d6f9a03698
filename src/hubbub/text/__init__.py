"""Pure text: what a message says and how it is found. Knows no bytes, clock or store."""
