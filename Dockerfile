ARG BASE=docker.io/library/python:3.13-slim

FROM ${BASE} AS build
COPY requirements.txt /build/
RUN python -m venv --without-pip /opt/troth \
 && python -m pip --python /opt/troth/bin/python install --no-cache-dir --no-compile \
    --only-binary=:all: --require-hashes -r /build/requirements.txt
COPY daemon.py LICENSE /opt/troth/app/
COPY troth /opt/troth/app/troth
COPY rules /opt/troth/app/rules
COPY templates /opt/troth/app/templates
COPY packaging/healthcheck.py /opt/troth/app/
# compiled here: a read-only root has no room for it later
RUN /opt/troth/bin/python -m compileall -q -j 0 /opt/troth

FROM ${BASE}
LABEL org.opencontainers.image.title="Troth" \
      org.opencontainers.image.description="Keeps a business's word to its clients, by email" \
      org.opencontainers.image.licenses="MIT"
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
 && groupadd --gid 10001 troth \
 && useradd --no-log-init --uid 10001 --gid troth --home-dir /state --no-create-home --shell /usr/sbin/nologin troth \
 && install -d -o troth -g troth -m 0700 /state \
 && install -d /config
COPY --from=build /opt/troth /opt/troth
# by number: Kubernetes' runAsNonRoot cannot look a name up
USER 10001:10001
WORKDIR /config
VOLUME ["/config", "/state"]
HEALTHCHECK --interval=60s --timeout=20s --start-period=2m --retries=3 \
    CMD ["/opt/troth/bin/python", "/opt/troth/app/healthcheck.py"]
ENTRYPOINT ["/opt/troth/bin/python", "/opt/troth/app/daemon.py"]
CMD ["run"]
