"""What operators are told beside the UI: figures for Prometheus, events, log lines as JSON."""
