#!/bin/sh
# Starts Grafana, unless its administrator's password is missing, well known or short.
#   GF_SECURITY_ADMIN_PASSWORD, or GF_SECURITY_ADMIN_PASSWORD__FILE: a file that holds it
# What is started can be named for a test: sh entrypoint.sh COMMAND [ARGUMENT…]; without one it is the image's /run.sh.
set -eu

refuse() {
  echo "Grafana başlatılmadı: $1" >&2
  echo "Grafana was not started: $2" >&2
  exit 78
}

password="${GF_SECURITY_ADMIN_PASSWORD:-}"
file="${GF_SECURITY_ADMIN_PASSWORD__FILE:-}"
if [ -n "$password" ] && [ -n "$file" ]; then
  refuse "parola hem ortamda hem dosyada verilmiş." "the password is given both in the environment and in a file."
fi
if [ -n "$file" ]; then
  [ -r "$file" ] || refuse "parola dosyası okunamıyor." "the password's file cannot be read."
  password="$(cat "$file")"
fi
[ -n "$password" ] || refuse "yönetici parolası verilmemiş (GRAFANA_ADMIN_PASSWORD)." \
  "no administrator's password is set (GRAFANA_ADMIN_PASSWORD)."

case "$(printf '%s' "$password" | tr '[:upper:]' '[:lower:]')" in
  *admin123* | *password* | *changeme* | *change-me* | *grafana* | admin* | *12345* | *parola* | *sifre* | *qwerty*)
    refuse "parola herkesin bildiği bir parola." "the password is one that everybody knows." ;;
esac
[ "${#password}" -ge 12 ] || refuse "parola 12 karakterden kısa." "the password is shorter than 12 characters."

[ "$#" -gt 0 ] || set -- /run.sh
exec "$@"
