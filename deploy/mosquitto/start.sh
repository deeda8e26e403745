#!/bin/sh
# Starts Mosquitto once the monitor has written who may speak, and has it read that anew, within
# seconds, whenever it changes. There is no default password.
set -eu

ACCESS=${ACCESS:-/access}
CONFIG=${CONFIG:-/mosquitto/config/mosquitto.conf}

told=
until [ -r "$ACCESS/conf.d/nightwarden.conf" ]; do
    [ "$told" ] || echo "mosquitto: waits for $ACCESS; \`nightwarden broker mosquitto\` writes it" >&2
    told=yes
    sleep 1
done

stamp() {
    cat "$ACCESS/passwords" "$ACCESS/acl" "$ACCESS"/tls/* 2>/dev/null | cksum
}

# exec keeps the process id: this loop watches beside Mosquitto and ends with it.
broker=$$
seen=$(stamp)
(
    while sleep 1 && kill -0 "$broker" 2>/dev/null; do
        now=$(stamp)
        if [ "$now" != "$seen" ]; then
            seen=$now
            kill -HUP "$broker"
        fi
    done
) &
exec mosquitto -c "$CONFIG"
