# Fails at its first start, and stays up from the second on: what it has written is still there.
if [ ! -f /tried.txt ]; then
    echo yes > /tried.txt
    echo "Not today."
    exit 1
fi
echo "Good morning."
exec sleep 1000
