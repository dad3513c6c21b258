"""When and where: Prefect flows, the command line and run configurations; no pixel is touched here."""
