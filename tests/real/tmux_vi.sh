# tmux driving vi.
# limit: 240
set -e
export TERM=xterm TMUX_TMPDIR=$PWD
tmux -f /dev/null new-session -d -x 80 -y 24 'vi file'
sleep 1; tmux send-keys 'ihello from vi' Escape; sleep 0.5; tmux send-keys ':w' Enter; sleep 0.7
tmux capture-pane -p | head -1
tmux send-keys ':q' Enter; sleep 0.5
for i in $(seq 50); do tmux ls 2>/dev/null || break; sleep 0.1; done
cat file
