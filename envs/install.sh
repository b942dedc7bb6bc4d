#!/bin/sh
# Set up .venv with the tested versions (envs/lock.txt, by hash) and FACT itself, editable.
# Usage: envs/install.sh PYTHON [cpu|cuda]; without the second, pip chooses the build of torch.
python=$1 build=$2
cd "$(dirname "$0")/.." || exit 1

fail() {
  echo "error: $1" >&2
  exit 1
}

"$python" -c '' 2>/dev/null || fail "there is no $python; name one with: make PYTHON=/path/to/python3.11 ..."
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' ||
  fail "$("$python" --version) cannot be used, FACT needs Python 3.11 to 3.14; name one with: make PYTHON=/path/to/python3.11 ..."
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  fail "$python cannot make environments; install its module venv (Debian: apt-get install python3-venv)"
"$python" -m venv .venv ||
  fail "$PWD/.venv cannot be made; is this folder read-only or the disk full? Copy the repository to a folder of yours"

# a pip that cannot write its cache says so and goes on; where HOME cannot be written, nothing else needs it
pip() {
  .venv/bin/python -m pip --quiet --disable-pip-version-check "$@" ||
    fail "packages could not be installed, the reason is above; without a network, take a wheel folder along: docs/install.md"
}

pip install --require-hashes --no-deps -r envs/lock.txt
case $build in
  "") pip install -r envs/torch.txt ;;
  cpu | cuda)
    [ "$build" = cuda ] && backend=auto || backend=cpu
    .venv/bin/uv pip install --python .venv/bin/python --torch-backend "$backend" -r envs/torch.txt ||
      fail "torch could not be installed for $build, the reason is above; without TORCH=$build pip chooses the build"
    ;;
  *) fail "TORCH=$build is no build; write TORCH=cpu or TORCH=cuda, or leave it out" ;;
esac
pip install --no-deps --no-build-isolation -e .
