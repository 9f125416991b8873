#!/usr/bin/env bash
# A container engine and base images on a Debian machine that reaches no image registry, from Debian's and PyPI's
# packages: for `make containers`. Needs root. Prints the variables that docker/engine.sh then needs, for `eval`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export CONTAINERS_CONF=$here/containers.conf DEBIAN_FRONTEND=noninteractive
packages=(podman buildah runc netavark aardvark-dns iptables fuse-overlayfs catatonit mmdebstrap ca-certificates)
dpkg --status "${packages[@]}" >/dev/null 2>&1 || {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}"
} >/dev/null

# The machine's own authorities and package indexes; a machine without a proxy of its own has none of them.
flags=(--isolation chroot --format docker --volume /etc/ssl/certs:/etc/ssl/certs:ro)
secrets=()
[ ! -f /etc/pip.conf ] || secrets=(--secret "id=pip,src=/etc/pip.conf")
base() {  # base NAME: builds localhost/NAME from NAME.Dockerfile, once
    podman image exists "localhost/$1" || podman build --quiet --network host "${flags[@]}" "${secrets[@]}" \
        --build-arg BASE=localhost/python:slim --tag "localhost/$1" --file "$here/${1%%:*}.Dockerfile" "$here"
}

if ! podman image exists localhost/python:slim; then
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null \
        | sed -nE 's/^(URIs:|deb( \[[^]]*\])?) *(https?:[^ ]+).*/\3/p' | head -n 1)
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates bookworm - \
        "${mirror%/}" | podman import --quiet - localhost/python:slim >/dev/null
fi
bases=()
for name in node:slim postgres:slim redis:slim; do base "$name" >/dev/null & bases+=($!); done
for each in "${bases[@]}"; do wait "$each"; done
# npm in a build has its settings from one file; here it has to trust this machine's authorities, too.
(umask 077; cat "$HOME/.npmrc" 2>/dev/null > "$here/.npmrc" || true; echo cafile=/etc/ssl/certs/ca-certificates.crt >> "$here/.npmrc")
cat <<VARIABLES
export CONTAINERS_CONF=$CONTAINERS_CONF ENGINE=podman
export COMPOSE="podman-compose --podman-path $here/podman"
export NPM_SETTINGS='$here/.npmrc'
export BUILD_FLAGS='${flags[*]}'
export PYTHON_IMAGE=localhost/python:slim NODE_IMAGE=localhost/node:slim
export POSTGRES_IMAGE=localhost/postgres:slim REDIS_IMAGE=localhost/redis:slim
export COMPOSE_FILES='compose.yml testing/compose.yml'
VARIABLES
