# Go: goroutines that compute, preempted by its own signals (SIGURG).
# limit: 300
set -e
cat > g.go <<'G'
package main

import ("fmt"; "runtime"; "sync")
func spin(n int) uint64 { h := uint64(14695981039346656037); for i := 0; i < n; i++ { h = (h ^ uint64(i)) * 1099511628211 }; return h }
func main() {
	runtime.GOMAXPROCS(4)
	var wg sync.WaitGroup; var mu sync.Mutex; total := uint64(0); order := []int{}
	for g := 0; g < 6; g++ { wg.Add(1); go func(g int) { defer wg.Done(); for r := 0; r < 3; r++ { v := spin(8000000); mu.Lock(); total += v; order = append(order, g); mu.Unlock() } }(g) }
	wg.Wait(); fmt.Println(total, order)
}
G
export GOCACHE=$PWD/cache GOFLAGS=-mod=mod HOME=$PWD
go build -o g g.go
./g
