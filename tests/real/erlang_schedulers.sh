# Erlang: processes that compute, on its schedulers.
# limit: 300
set -e
export HOME=$PWD
cat > e.erl <<'E'
-module(e).
-export([main/1]).
loop(0, H) -> H;
loop(N, H) -> loop(N - 1, (H * 31 + N) band 16#ffffffff).
main(_) -> S = self(), [spawn(fun() -> S ! {K, loop(1000000, K)} end) || K <- [1,2,3,4]], R = [receive X -> X end || _ <- [1,2,3,4]], io:format("~p~n", [R]).
E
erlc e.erl
erl -noshell -run e main x -s init stop
