# Postgres from Debian's packages, with the variables of the official image that compose.yml uses: for tests on machines
# that reach no image registry.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/* && chown postgres:postgres /var/lib/postgresql
COPY --chmod=755 postgres.sh /usr/local/bin/postgres.sh
USER postgres
VOLUME /var/lib/postgresql
ENTRYPOINT ["/usr/local/bin/postgres.sh"]
