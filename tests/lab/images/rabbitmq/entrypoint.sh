#!/bin/bash
# Run the broker as its own user, with the configuration file where the official image has it too.
set -euo pipefail
umask 077
export HOME=/var/lib/rabbitmq RABBITMQ_CONFIG_FILE=/etc/rabbitmq/rabbitmq.conf
chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$@"
