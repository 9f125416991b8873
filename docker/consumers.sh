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
mkdir "$context/migrations" "$context/ingestor"
compose run --rm -T service constraints "$version" --only migrations > "$context/migrations/requirements.txt"
compose run --rm -T service constraints "$version" --only python > "$context/ingestor/requirements.txt"
cp ingestor/ingestor.py "$context/ingestor/"
read -r digest SOURCE_DATE_EPOCH < <(compose run --rm -T --entrypoint python service -c "import sys, tomllib, datetime
lock = tomllib.load(open(f'schemas/{sys.argv[1]}/release.lock', 'rb'))
published = datetime.datetime.fromisoformat(str(lock['published_at']))
print(lock['schema_digest'], int(published.timestamp()))" "$version")
export SOURCE_DATE_EPOCH  # the layers of a version's images are the same bytes whenever they are built
# All three at once: each waits for its packages most of the time.
builds=()
build --file migrations.Dockerfile --build-arg BASE="$PYTHON_IMAGE" --build-arg INDEX_URL="$index" \
    --build-arg VERSION="$version" --build-arg DIGEST="$digest" --tag "schema-migrations:$version" "$context/migrations" & builds+=($!)
build --file ingestor/Dockerfile --build-arg BASE="$PYTHON_IMAGE" --build-arg INDEX_URL="$index" \
    --build-arg VERSION="$version" --tag "ingestor:$version" "$context/ingestor" & builds+=($!)
build --file web/Dockerfile --build-arg BASE="$NODE_IMAGE" --build-arg REGISTRY_URL="$registry" \
    --build-arg VERSION="$version" --tag "web:$version" web & builds+=($!)
for each in "${builds[@]}"; do wait "$each"; done
