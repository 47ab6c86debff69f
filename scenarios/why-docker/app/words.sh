# words, version 2
welcome() { echo "Welcome to $1!"; }
