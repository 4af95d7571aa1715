#!/bin/sh
# Sets up, builds everything in release and passes the fast tests. Options go to ctest
# (sh tools/test.sh -R unit_core).
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh
cmake --preset release
cmake --build --preset release
ctest --preset fast -j "$(nproc)" "$@"
