# Keeps a text in memory and doubles it, up to 64 MB.
text=a
i=0
while [ $i -lt 26 ]; do
    text=$text$text
    i=$((i + 1))
done
echo "I am full."
exec sleep 1000
