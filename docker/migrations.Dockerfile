# The migrations of one schema up to VERSION, and nothing else: what an init container runs. Built from a folder with
# requirements.txt, which pins the wheel and what it depends on with their digests:
#   docker build --file docker/migrations.Dockerfile --build-arg VERSION=2.0.0 --build-arg INDEX_URL=… FOLDER
# It has no need of a shell, of root or of a file system that it can write to.
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
ARG INDEX_URL
ARG PACKAGE=schema-migrations
ARG VERSION
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv --without-pip /opt/migrations
COPY requirements.txt /tmp/requirements.txt
# The bytecode is made here, by the digest of its source: the image doesn't depend on when it was built.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    grep -qxF -- "${PACKAGE}==${VERSION} \\" /tmp/requirements.txt \
    && PIP_INDEX_URL="${INDEX_URL:-https://pypi.org/simple/}" \
       python3 -m pip --python /opt/migrations/bin/python install --quiet --no-compile --only-binary :all: \
       --require-hashes --requirement /tmp/requirements.txt \
    && /opt/migrations/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/migrations/lib \
    && ln -s "${PACKAGE}" /opt/migrations/bin/migrations

FROM ${BASE}
ARG PACKAGE=schema-migrations
ARG VERSION
ARG DIGEST=unknown
LABEL org.opencontainers.image.title="${PACKAGE}" \
    org.opencontainers.image.version="${VERSION}" \
    io.schema-service.schema.version="${VERSION}" \
    io.schema-service.schema.digest="${DIGEST}"
COPY --from=build /opt/migrations /opt/migrations
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONSAFEPATH=1
USER 65534:65534
WORKDIR /
# It runs and ends: its exit code says how it went.
HEALTHCHECK NONE
ENTRYPOINT ["/opt/migrations/bin/migrations"]
CMD ["upgrade"]
