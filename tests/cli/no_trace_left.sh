# A command that cannot be started leaves no trace behind.
$REPRISE record /nonexistent/command 2>/dev/null || true
[ -z "$(ls $REPRISE_TRACE_DIR)" ] || { ls $REPRISE_TRACE_DIR; exit 1; }
