"""A Prefect server with its deployments and workers: put up, kept alive, and asked over its API."""
