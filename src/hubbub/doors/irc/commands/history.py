"""History: CHATHISTORY, REDACT and MARKREAD will be declared here."""
