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
# In one container: starting one takes longer than asking it.
compose run --rm -T --entrypoint sh service -es "$version" <<'SCRIPT' | tar -xC "$context"
folder=$(mktemp -d)
mkdir "$folder/migrations" "$folder/ingestor"
schema-service constraints "$1" --only migrations </dev/null > "$folder/migrations/requirements.txt"
schema-service constraints "$1" --only python </dev/null > "$folder/ingestor/requirements.txt"
python -c 'import sys, tomllib, datetime
lock = tomllib.load(open(sys.argv[1], "rb"))
published = datetime.datetime.fromisoformat(str(lock["published_at"]))
files = ",".join(sorted(each["sha256"] for each in lock["artifacts"]))
print(lock["schema_digest"], int(published.timestamp()), files)' "schemas/$1/release.lock" </dev/null > "$folder/facts"
tar -C "$folder" -c .
SCRIPT
cp ingestor/ingestor.py "$context/ingestor/"
read -r digest SOURCE_DATE_EPOCH files < "$context/facts"
export SOURCE_DATE_EPOCH  # the layers of a version's images are the same bytes whenever they are built
# All three at once: each waits for its packages most of the time.
builds=()
build --file migrations.Dockerfile --build-arg BASE="$PYTHON_IMAGE" --build-arg INDEX_URL="$index" \
    --build-arg VERSION="$version" --build-arg DIGEST="$digest" --tag "schema-migrations:$version" "$context/migrations" & builds+=($!)
build --file ingestor/Dockerfile --build-arg BASE="$PYTHON_IMAGE" --build-arg INDEX_URL="$index" \
    --build-arg VERSION="$version" --tag "ingestor:$version" "$context/ingestor" & builds+=($!)
build --file web/Dockerfile --build-arg BASE="$NODE_IMAGE" --build-arg REGISTRY_URL="$registry" \
    --build-arg VERSION="$version" --build-arg FILES="$files" --tag "web:$version" web & builds+=($!)
for each in "${builds[@]}"; do wait "$each"; done
