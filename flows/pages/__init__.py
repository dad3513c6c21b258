"""A small read-only server of what runs left: their pages, the pictures of their artifacts, figures for Prometheus."""
