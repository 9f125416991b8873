#!/usr/bin/env bash
# Builds the three images that consume a published version: schema-migrations, ingestor and web.
# usage: consumers.sh VERSION
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=engine.sh
. ./engine.sh
version=${1:?usage: consumers.sh VERSION}
[[ $version =~ ^[0-9A-Za-z.+-]+$ ]] || { echo "not a version: $version" >&2; exit 2; }
set -a
# shellcheck source=/dev/null
. ./.env
set +a
index=http://127.0.0.1:${DEVPI_PORT:-3141}/schema/release/+simple/
registry=http://127.0.0.1:${VERDACCIO_PORT:-4873}/

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
compose run --rm -T service constraints "$version" --only migrations > "$context/requirements.txt"
digest=$(compose run --rm -T --entrypoint python service -c "import sys, tomllib
print(tomllib.load(open(f'schemas/{sys.argv[1]}/release.lock', 'rb'))['schema_digest'])" "$version")
build --file migrations.Dockerfile --build-arg BASE="$PYTHON_IMAGE" --build-arg INDEX_URL="$index" \
    --build-arg VERSION="$version" --build-arg DIGEST="$digest" --tag "schema-migrations:$version" "$context"
build --file ingestor/Dockerfile --build-arg BASE="$PYTHON_IMAGE" --build-arg INDEX_URL="$index" \
    --build-arg VERSION="$version" --tag "ingestor:$version" ingestor
build --file web/Dockerfile --build-arg BASE="$NODE_IMAGE" --build-arg REGISTRY_URL="$registry" \
    --build-arg VERSION="$version" --tag "web:$version" web
