#!/usr/bin/env bash
# Can `make containers` run here? Ends with 0 where a docker daemon or podman can do what it needs, which is tried with
# one small image; else it says in one line what can't be had, and ends with 1. Installs podman where root and apt are.
set -euo pipefail
cd "$(dirname "$0")"
log=$(mktemp) context=$(mktemp -d) probe=schema-service-probe-$$
cleanup() {
    if [ -n "${ENGINE:-}" ]; then
        "$ENGINE" rm --force "$probe"
        "$ENGINE" network rm "$probe"
        "$ENGINE" rmi --force "$probe"
    fi >/dev/null 2>&1 || true
    rm -rf "$log" "$context"
}
trap cleanup EXIT
cannot() {
    echo "without containers: $1$(grep . "$log" | tail -n 1 | sed 's/^/: /')" >&2
    exit 1
}
tried() {  # tried WHAT COMMAND...: what it prints is shown where it fails
    local what=$1
    shift
    timeout 120 "$@" >"$log" 2>&1 || cannot "$what"
}

if docker version >/dev/null 2>&1; then
    tried "docker has no compose" docker compose version
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    cannot "no docker daemon, and no root who may install podman"
fi
variables=$(./setup.sh 2>"$log") || cannot "podman or its base images can't be had"
eval "$variables"
tried "podman-compose isn't installed" podman-compose --version
cat > "$context/Dockerfile" <<'DOCKERFILE'
ARG BASE
FROM ${BASE}
RUN echo built > /built
DOCKERFILE
cat > "$context/pip.Dockerfile" <<'DOCKERFILE'
ARG BASE
FROM ${BASE}
RUN --mount=type=secret,id=pip,target=/etc/pip.conf python3 -m pip download --quiet --no-deps --dest /tmp/found packaging
DOCKERFILE
cat > "$context/npm.Dockerfile" <<'DOCKERFILE'
ARG BASE
FROM ${BASE}
RUN --mount=type=secret,id=npm,target=/root/.npmrc npm view --fetch-retries=0 zod version
DOCKERFILE
# shellcheck source=../engine.sh
. ../engine.sh
build --no-cache --build-arg BASE="$PYTHON_IMAGE" --tag "$probe" "$context" >"$log" 2>&1 || cannot "no image can be built"
# Images get packages while they are built, and what reaches the registries here may not do so in there.
for each in "pip $PYTHON_IMAGE" "npm $NODE_IMAGE"; do
    build --no-cache --build-arg BASE="${each#* }" --tag "$probe" --file "$context/${each%% *}.Dockerfile" "$context" \
        >"$log" 2>&1 || cannot "${each%% *} gets no packages while an image is built"
done
build --build-arg BASE="$PYTHON_IMAGE" --tag "$probe" "$context" >"$log" 2>&1 || cannot "no image can be built"
tried "no network can be made" "$ENGINE" network create "$probe"
shut=(--read-only --tmpfs /tmp --cap-drop all --user 65534:65534 --network "$probe")
tried "no container can be started" "$ENGINE" run --detach --name "$probe" "${shut[@]}" "$probe" \
    python3 -m http.server --directory / 8000
tried "containers don't find each other" "$ENGINE" run --rm "${shut[@]}" "$probe" python3 -c "
import time, urllib.request
for _ in range(20):
    try:
        built = urllib.request.urlopen('http://$probe:8000/built', timeout=3).read()
        raise SystemExit(built != b'built\\n')
    except OSError as error:
        reason = error
        time.sleep(0.5)
raise SystemExit(str(reason))"
