#!/bin/sh
# Sets up, builds the release binary and runs the main job: a real GPU trace packed by two
# policies, and another replayed in time under two schedulers. The trace that is
# replayed draws nothing, so that one seed is all there is. Options go to both runs
# (sh tools/demo.sh --format json).
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh
cmake --preset release >&2
cmake --build --preset release --target hyperdc >&2
examples=scenarios/examples
build/release/hyperdc run $examples/openb-fgd.json $examples/openb-best-fit.json --seeds 5 "$@"
build/release/hyperdc run $examples/philly-fifo.json $examples/philly-las.json "$@"
