# Sourced by tests of tools that answer requests.

# serve TOOL NAME OPTION…: the tool in the background on a free port, $port; its output and messages go into NAME.out and NAME.err.
serve() {
  local tool=$1 name=$2
  shift 2
  port=$(free_port)
  rm -f "$name.err"
  run_group "$tool --listen 127.0.0.1:$port $* >$name.out 2>$name.err"
  wait_until 10 grep -q listening "$name.err"
}
