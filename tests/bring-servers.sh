#!/bin/sh
# Install Dovecot, PostgreSQL and libfaketime for the tests where this may be done without asking: as root, with apt-get.
# Elsewhere tests that need them are skipped, or fail with CI=true; docs say which packages they want.
set -eu

missing=
command -v dovecot >/dev/null 2>&1 || [ -x /usr/sbin/dovecot ] || missing="dovecot-imapd dovecot-lmtpd"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || missing="$missing libfaketime"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed: $missing; tests that need it are skipped" >&2
    exit 0
fi
echo "installing $missing for the tests"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# the packages would start servers of their own, which the tests do not use
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d.troth
chmod +x /usr/sbin/policy-rc.d.troth
[ -e /usr/sbin/policy-rc.d ] || { mv /usr/sbin/policy-rc.d.troth /usr/sbin/policy-rc.d; placed=yes; }
# shellcheck disable=SC2086 # one word a package
apt-get install -y -qq --no-install-recommends $missing >/dev/null
[ "${placed:-}" != yes ] || rm -f /usr/sbin/policy-rc.d
rm -f /usr/sbin/policy-rc.d.troth
