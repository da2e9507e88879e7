"""The wiring: the one place that composes rooms; commands, HTTP and background tasks all ask here."""
