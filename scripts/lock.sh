#!/usr/bin/env sh
# Write the hash-locked requirement files anew from pyproject.toml. Needs uv.
set -eu
cd "$(dirname "$0")/.."
compile="uv pip compile --universal --generate-hashes --no-header --quiet --python-version 3.11 --no-annotate"
$compile pyproject.toml --extra postgres --group build -o requirements/run.txt
$compile pyproject.toml --extra postgres --group build --group dev -c requirements/run.txt -o requirements/dev.txt
$compile --group region -o requirements/region.txt
$compile --group client -o requirements/client.txt
