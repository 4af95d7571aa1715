#!/bin/sh
# Installs the Debian packages that are missing; does nothing, and needs no network, when none is.
#
#   sh tools/setup.sh                what the build and the tests need
#   sh tools/setup.sh ci bench       also what the CI, the benchmarks need
#   sh tools/setup.sh calibrate      also what tools/calibrate needs
set -eu

# Of node any version from 18 on will do, wherever it comes from.
node_works() {
  command -v npm >/dev/null 2>&1 || return 1
  major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
  [ "${major:-0}" -ge 18 ]
}

packages="g++ cmake ninja-build ccache python3
  libboost-dev libcli11-dev libfmt-dev libspdlog-dev libsqlite3-dev libssl-dev librandom123-dev
  libxxhash-dev
  nlohmann-json3-dev zlib1g-dev catch2 python3-jsonschema"
node_works || packages="$packages nodejs npm"
for set in "$@"; do
  case "$set" in
    ci)
      packages="$packages clang clang-format clang-tidy libsimgrid-dev chromium slurm-wlm munge"
      ;;
    bench) packages="$packages libbenchmark-dev" ;;
    calibrate) packages="$packages python3-scipy" ;;
    *) echo "setup.sh: no set of packages is called '$set' (ci, bench, calibrate)" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "setup.sh: this system has no dpkg. Install by hand what these Debian packages hold:" >&2
  echo "$packages" >&2
  exit 2
fi

missing=""
for package in $packages; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "setup.sh: as root, run: apt-get install$missing" >&2
    exit 2
  fi
  as_root="sudo"
fi
echo "setup.sh: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >&2
# shellcheck disable=SC2086  # a list of words
$as_root apt-get install -q -y --no-install-recommends $missing >&2
