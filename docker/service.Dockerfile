# The schema service, and whatever else its command does: serve, publish, up. Built from the project's folder:
#   docker build --file docker/service.Dockerfile --tag schema-service .
# BASE is any image of Debian or alike with Python 3.11 or later. An index of your own is given as pip's
# configuration, which does not stay in the image: --secret id=pip,src=/etc/pip.conf
ARG BASE=python:3.13-slim
FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore SCHEMA_SERVICE_CACHE=/opt/schema-service-cache
WORKDIR /source
RUN python3 -m venv /opt/schema-service
COPY docker/requirements.txt ./
# All of them by their digests. The tool itself has none, so it is installed apart, and built with the hatchling that
# was checked. What pip and npm have downloaded stays with the builder, for its next build.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=cache,target=/root/.cache/pip \
    /opt/schema-service/bin/pip install --quiet --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY schemas schemas
COPY migrations migrations
COPY generators generators
COPY registry registry
COPY docker/web docker/web
COPY docker/ingestor docker/ingestor
RUN /opt/schema-service/bin/pip install --quiet --no-deps --no-build-isolation .
RUN --mount=type=secret,id=npm,target=/root/.npmrc --mount=type=cache,target=/root/.npm \
    /opt/schema-service/bin/schema-service toolchain

FROM ${BASE}
ARG VERSION=unknown
LABEL org.opencontainers.image.title="schema-service" \
    org.opencontainers.image.description="Compiles versions of a Prisma schema into packages, and serves them" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}"
# A name of its own: Postgres, which rehearsals start, refuses users without one.
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin schema \
    && install -d -o schema -g schema /workspace /data
COPY --from=build /opt/schema-service /opt/schema-service
COPY --from=build /opt/schema-service-cache /opt/schema-service-cache
# All that a release keeps between runs is in the home folder: what its throw-away consumers depend on.
RUN install -d -o schema -g schema /home/schema/consumers \
    && ln -s /home/schema/consumers /opt/schema-service-cache/consumers
ENV PATH=/opt/schema-service/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    SCHEMA_SERVICE_CACHE=/opt/schema-service-cache
USER 10001:10001
WORKDIR /workspace
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["schema-service"]
CMD ["serve", "--host", "0.0.0.0"]
