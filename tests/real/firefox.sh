# Firefox draws a page with a canvas and JavaScript, in its own sandbox. (The picture shows a time.)
# limit: 600
# needs: firefox-esr
set -e
mkdir profile
firefox-esr --headless --no-remote --profile "$PWD/profile" --screenshot "$PWD/shot.png" "file://$DATA/browser.html"
head -c 8 shot.png | od -An -c
test "$(wc -c < shot.png)" -gt 10000
cksum shot.png
