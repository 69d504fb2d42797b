# Chromium draws a page with a canvas and JavaScript, which asks for the time, and prints what the page is then.
# Most of its text has no function tables. Its own sandbox does not work for root.
# limit: 600
# needs: chromium
set -e
chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --dump-dom --screenshot="$PWD/shot.png" \
	"file://$DATA/browser.html" | grep -o 'sum [0-9]* at [0-9.]*'
cksum shot.png
