#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image: the only time with a network.
# Every Python package must have a hash of requirements/core.txt.
set -euo pipefail
autograder="${AUTOGRADER:-/autograder}"
course="$autograder/source/course"
export DEBIAN_FRONTEND=noninteractive

apt-get update -qq
apt-get install -y -qq --no-install-recommends bubblewrap git

# The newest Python that the course is made for. Ubuntu 24.04 has 3.12, 22.04 has 3.11 beside its own.
python=""
for version in 3.14 3.13 3.12 3.11; do
    if apt-get install -y -qq --no-install-recommends "python$version" "python$version-venv" 2>/dev/null
    then
        python="python$version"
        break
    fi
done
if [ -z "$python" ]; then
    echo "This image has no Python 3.11 or later: choose a newer base image, such as Ubuntu 24.04."
    exit 1
fi

"$python" "$course/workshop.py" list >/dev/null
"$course/.venv/bin/python" -P -m channels_workshop.grading.bundles.on_gradescope --look "$autograder"
