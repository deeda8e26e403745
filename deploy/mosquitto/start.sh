#!/bin/sh
# Makes Mosquitto's password file from the secrets and starts Mosquitto. There is no default
# password: without the secrets, or with a short one, the broker does not start and says why.
set -eu

SECRETS=${SECRETS:-/run/secrets}
RUN=${RUN:-/run/mosquitto}
CONFIG=${CONFIG:-/mosquitto/config/mosquitto.conf}

refuse() {
    echo "mosquitto: $1" >&2
    exit 2
}

for secret in gateway_password mqtt_users; do
    [ -r "$SECRETS/$secret" ] || refuse "secret $secret cannot be read; sh deploy/make-secrets.sh makes it"
done

umask 077
health=$(head -c 32 /dev/urandom | base64 | tr -d '/+=\n')
{
    printf 'gateway:%s\n' "$(cat "$SECRETS/gateway_password")"
    printf 'healthcheck:%s\n' "$health"
    grep -v -e '^#' -e '^[[:space:]]*$' "$SECRETS/mqtt_users" || true
} >"$RUN/passwords"

# mosquitto_passwd would cut a password at a colon, and take an empty one.
if wrong=$(grep -n -v '^[^:[:space:]][^:]*:[^:]\{12,\}$' "$RUN/passwords"); then
    line=${wrong%%:*}
    rm -f "$RUN/passwords"
    refuse "line $line of gateway, healthcheck and mqtt_users is not USER:PASSWORD with 12 characters or more and no second colon"
fi
if twice=$(cut -d: -f1 "$RUN/passwords" | sort | uniq -d | grep .); then
    rm -f "$RUN/passwords"
    refuse "$twice is given twice; every user has one line"
fi

mosquitto_passwd -U "$RUN/passwords"
printf '%s' "$health" >"$RUN/health"
exec mosquitto -c "$CONFIG"
