#!/usr/bin/env bash
# What a container does: server | services | deploy | worker POOL | prefect ..., a run as a worker of containers starts it
set -euo pipefail

# The database's address from its parts, as a password may hold characters that an address may not.
use_database() {
  PREFECT_API_DATABASE_CONNECTION_URL=$(python -c '
import os
from urllib.parse import quote
secret = os.environ.get("POSTGRES_PASSWORD_FILE")
password = open(secret).read().rstrip("\r\n") if secret else os.environ["POSTGRES_PASSWORD"]
user, password = (quote(text, safe="") for text in (os.environ["POSTGRES_USER"], password))
place = "/".join((os.environ["POSTGRES_HOST"], os.environ["POSTGRES_DB"]))
print(f"postgresql+asyncpg://{user}:{password}@{place}")')
  export PREFECT_API_DATABASE_CONNECTION_URL
}

# Compose hands on an unset password as an empty one.
[[ -n ${PREFECT_SERVER_API_AUTH_STRING:-} ]] || unset PREFECT_SERVER_API_AUTH_STRING
[[ -n ${PREFECT_API_AUTH_STRING:-} ]] || unset PREFECT_API_AUTH_STRING

case "${1:-}" in
  server)
    use_database
    exec python -m prefect server start --no-services --host "${VERISIM_HOST:-0.0.0.0}" --port "${VERISIM_PORT:-4200}"
    ;;
  services)
    use_database
    # The server, which is there first, brings the tables up to date.
    export PREFECT_API_DATABASE_MIGRATE_ON_START=false
    exec python -m prefect server services start
    ;;
  deploy)
    exec python -m flows "$@"
    ;;
  worker)
    exec python -m flows worker --pool "${2:?which pool: render or gpu}"
    ;;
  prefect)
    exec python -m "$@"
    ;;
  *)
    echo "error: ${1:-nothing} was asked for; allowed are server, services, deploy, worker POOL, prefect ..." >&2
    exit 2
    ;;
esac
