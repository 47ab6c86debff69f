#!/bin/sh
# Greets in the style that the environment names.
set -e
cat "/app/words/$GREETING_STYLE.txt"
echo "This is greeter, version 1."
