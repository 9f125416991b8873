#!/usr/bin/env bash
# Builds the images of compose.yml: the service, and from what it publishes to the registries here, the migrations and
# the services that use them. Safe to repeat. .env is made of .env.example, see README.md.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=engine.sh
. ./engine.sh
[ -f .env ] || { echo "make docker/.env of docker/.env.example first" >&2; exit 2; }

version=$(sed -n 's/^version = "\(.*\)"/\1/p' ../pyproject.toml)
build --file service.Dockerfile --build-arg BASE="$PYTHON_IMAGE" --build-arg VERSION="$version" \
    --tag schema-service:local ..
compose up --detach devpi verdaccio
until_healthy devpi verdaccio

# In one container: starting one takes as long as a release.
compose run --rm -T --entrypoint sh service -es <<'SCRIPT'
schema-service versions </dev/null >/dev/null 2>&1 || schema-service init . --name schema --sample </dev/null
for published in 1.0.0 1.1.0 2.0.0; do schema-service publish "$published" </dev/null; done
SCRIPT
./consumers.sh 2.0.0
