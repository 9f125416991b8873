# shellcheck shell=bash
# Sourced by the scripts here: `build`, `compose` and `until_healthy`, with docker or else podman.
# ENGINE, COMPOSE, BUILD_FLAGS, PYTHON_IMAGE, NODE_IMAGE and NPM_SETTINGS (a file) can be set from outside.
if [ -z "${ENGINE:-}" ]; then
    if command -v docker >/dev/null && docker version >/dev/null 2>&1; then ENGINE=docker; else ENGINE=podman; fi
fi
if [ -z "${COMPOSE:-}" ]; then
    if [ "$ENGINE" = docker ]; then COMPOSE="docker compose"; else COMPOSE=podman-compose; fi
fi
: "${PYTHON_IMAGE:=python:3.13-slim}" "${NODE_IMAGE:=node:24-slim}" "${NPM_SETTINGS:=$HOME/.npmrc}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# On the host's network: the consumers' packages come from the registries that run here. This machine's own
# configuration of pip and npm is lent to the builds, and does not stay in the images.
build() {
    local -a flags=(--network host --quiet)
    read -ra more <<< "${BUILD_FLAGS:-}"
    [ ! -f /etc/pip.conf ] || flags+=(--secret "id=pip,src=/etc/pip.conf")
    [ ! -f "$NPM_SETTINGS" ] || flags+=(--secret "id=npm,src=$NPM_SETTINGS")
    # Docker's builder reads SOURCE_DATE_EPOCH by itself; it leaves the times of files in layers as they are.
    [ "$ENGINE" != podman ] || [ -z "${SOURCE_DATE_EPOCH:-}" ] || flags+=(--timestamp "$SOURCE_DATE_EPOCH")
    "$ENGINE" build "${flags[@]}" ${more[@]+"${more[@]}"} "$@"
}

compose() {
    local -a command files
    read -ra command <<< "$COMPOSE"
    read -ra files <<< "${COMPOSE_FILES:-compose.yml}"
    (cd "$here" && "${command[@]}" "${files[@]/#/--file=}" "$@")
}

# Waits for the health checks of services. Runs them itself: podman leaves that to systemd, which may not be there.
until_healthy() {
    local name container
    for name in "$@"; do
        for _ in $(seq 120); do
            container=$("$ENGINE" ps --quiet --filter "label=com.docker.compose.service=$name" \
                --filter "label=com.docker.compose.project=schema-service" | head -1)
            if [ -n "$container" ] && healthy "$container"; then continue 2; fi
            sleep 1
        done
        echo "$name is not healthy; its log:" >&2
        compose logs "$name" 2>&1 | tail -20 >&2
        return 1
    done
}

healthy() {
    if [ "$ENGINE" = podman ]; then podman healthcheck run "$1" >/dev/null 2>&1; return; fi
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]
}
