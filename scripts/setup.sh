#!/usr/bin/env sh
# One step of set-up: run, dev, client (Python packages, by hash) or assets (front-end files).
set -eu
cd "$(dirname "$0")/.."
mkdir -p .setup
step=$1
log=.setup/$step.log
echo "Setting up ($step) …"
install() {
  case $step in
    assets)
      npm ci --ignore-scripts --no-audit --no-fund &&
      .venv/bin/python scripts/assets.py ;;
    client)
      .venv/bin/python -m venv .setup/client-venv &&
      .setup/client-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/client.txt ;;
    *)
      .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$step.txt" &&
      .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ;;
  esac
}
if ! install > "$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "Set-up step '$step' failed; the whole log is in $log. Is the package registry reachable?" >&2
  exit 1
fi
[ "$step" != dev ] || touch .setup/run
touch ".setup/$step"
