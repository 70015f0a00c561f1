#!/usr/bin/env bash
# mypy over integrations/, which is installed as subsel_automl.integrations: seen through links.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/subsel_automl"
ln -s "$root"/subsel_automl/* "$tree/subsel_automl/"
ln -s "$root/integrations" "$tree/subsel_automl/integrations"
cd "$tree"
MYPYPATH="$tree" "$root/.venv/bin/mypy" --config-file "$root/pyproject.toml" \
  --cache-dir "$root/.mypy_cache/integrations" -p subsel_automl.integrations
