# Two images of the shop for those who run containers: `api` serves, `worker` runs one role; `emulator` plays AWS beside them on a laptop.
#   docker build --target api --tag ecshop-api .
# Checked by hadolint; never built where this project is made, as no containers run there.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
# The same lock, and the same uv out of it, as `make install`.
COPY requirements.lock ./
RUN awk '/^[^ ]/ { mine = /^uv==/ } mine' requirements.lock > uv.txt \
    && pip install --no-cache-dir --require-hashes --no-deps --requirement uv.txt \
    && uv venv /opt/shop
COPY pyproject.toml README.md LICENSE ./
COPY core core
COPY adapters adapters
COPY config config
COPY entrypoints entrypoints
RUN uv pip install --no-cache --python /opt/shop/bin/python --constraint requirements.lock '.[cli,dynamodb,http,postgres,smtp]'

# The emulator pins packages of its own for what nobody uses here; the lock was made without these pins.
FROM build AS build-emulator
COPY .ci/overrides.txt ./
RUN uv venv /opt/emulator \
    && uv pip install --no-cache --python /opt/emulator/bin/python --constraint requirements.lock --override overrides.txt ministack

FROM python:3.11-slim-bookworm AS emulator
RUN useradd --uid 10001 --create-home emulator && install --directory --owner emulator /data
COPY --from=build-emulator /opt/emulator /opt/emulator
ENV BIND_HOST=0.0.0.0 GATEWAY_PORT=4566 IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 PERSIST_STATE=1 STATE_DIR=/data
USER 10001
EXPOSE 4566
HEALTHCHECK --interval=2s --timeout=2s --retries=30 \
    CMD ["/opt/emulator/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:4566/_ministack/ready')"]
ENTRYPOINT ["/opt/emulator/bin/python", "-m", "ministack"]

FROM python:3.11-slim-bookworm AS shop
RUN useradd --uid 10001 --create-home shop
COPY --from=build /opt/shop /opt/shop
ENV PATH=/opt/shop/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /home/shop
USER 10001

FROM shop AS worker
ENTRYPOINT ["ecshop", "worker"]
CMD ["project"]

FROM shop AS api
ENV HOST=0.0.0.0 PORT=8080 WORKERS=none
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=2s --retries=12 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz')"]
ENTRYPOINT ["ecshop"]
CMD ["serve"]
