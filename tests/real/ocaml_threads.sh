# OCaml: threads that compute by recursion.
# limit: 200
set -e
cat > o.ml <<'O'
let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2)
let out = ref []
let () =
  let ts = List.map (fun k -> Thread.create (fun () -> for r = 1 to 3 do let v = fib (28 + r mod 2) in out := (k, v) :: !out; Thread.yield () done) ()) [1; 2; 3] in
  List.iter Thread.join ts; List.iter (fun (a, b) -> Printf.printf "%d:%d " a b) !out; print_newline ()
O
ocamlopt -I +threads unix.cmxa threads.cmxa o.ml -o o
./o
