# syntax=docker/dockerfile:1
# Build: docker build --tag motcua-dancu .
# An index or mirror for pip is passed in at build time: --secret id=pip,src=$HOME/.config/pip/pip.conf
# Run:   docker run --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp --volume motcua:/srv/motcua/var --publish 8000:8000 motcua-dancu
FROM python:3.11-slim AS build
WORKDIR /srv/motcua
RUN python -m venv .venv
COPY requirements.lock ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    .venv/bin/python -m pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY app app
# In place, because the migrations stand beside the package.
RUN .venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q app alembic

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /srv/motcua --shell /usr/sbin/nologin motcua
WORKDIR /srv/motcua
COPY --from=build /srv/motcua /srv/motcua
RUN install --directory --owner=motcua --mode=0700 var
USER 10001
ENV PATH=/srv/motcua/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MOTCUA_HOST=0.0.0.0
VOLUME /srv/motcua/var
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
ENTRYPOINT ["motcua"]
CMD ["serve"]
