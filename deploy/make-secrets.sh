#!/bin/sh
# Makes the secrets of a home that are not there yet, each a random one; never replaces one.
#   sh deploy/make-secrets.sh [FOLDER]      default: ./secrets, where docker-compose.yml looks
set -eu

folder=${1:-secrets}
mkdir -p "$folder"
# The folder is closed to others; the files in it are readable, because each container reads its
# own as a user of its own.
chmod 700 "$folder"
echo '*' >"$folder/.gitignore"

random() {
    head -c 64 /dev/urandom | base64 | tr -d '/+=\n' | cut -c1-40
}

make() {
    if [ -e "$folder/$1" ]; then
        echo "$folder/$1 is kept"
    else
        printf '%s' "$2" >"$folder/$1"
        chmod 644 "$folder/$1"
        echo "$folder/$1 is new"
    fi
}

make influx_password "$(random)"
make influx_token "$(random)"
