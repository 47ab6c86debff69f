# words, version 1
hello() { echo "Hello, $1."; }
