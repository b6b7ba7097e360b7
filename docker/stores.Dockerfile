# PostgreSQL 15, Redis 7 and Prometheus from Debian's packages, for where the official images cannot be had.
# They take the same settings as those do, as far as docker-compose.yml uses them.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS postgres
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-common && \
    mkdir -p /etc/postgresql-common/createcluster.d && \
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/no.conf && \
    apt-get install -y --no-install-recommends postgresql-15 && rm -rf /var/lib/apt/lists/* && \
    install -d -o postgres -g postgres /var/lib/postgresql/data
ENV PGDATA=/var/lib/postgresql/data PATH=/usr/lib/postgresql/15/bin:$PATH
COPY docker/postgres-entrypoint /usr/local/bin/
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres-entrypoint"]
CMD ["postgres"]

FROM ${BASE} AS redis
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* && \
    install -d -o redis -g redis /data
USER redis
WORKDIR /data
CMD ["redis-server"]

FROM ${BASE} AS prometheus
RUN apt-get update && apt-get install -y --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/* && \
    install -d -o nobody -g nogroup /prometheus
USER nobody
ENTRYPOINT ["prometheus"]
