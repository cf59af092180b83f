#!/usr/bin/env bash
# Real servers: each feature against each server that offers it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/claims.sh

# The matrix adds the claim of each cell to the books itself, and prints what failed.
matrix_is_whole() { [ "$matrix" -eq 0 ] || [ "$matrix" -eq 10 ]; }

nothing_is_left() { ! pgrep -af "$scratch/matrix-"; }

build_mailmill
matrix=0
TMPDIR=$scratch python3 .ci/matrix "$mailmill" --readme README.md || matrix=$?
claim "every cell of the matrix was tried" matrix_is_whole
claim "nothing that the servers started is left" nothing_is_left
close_claims
