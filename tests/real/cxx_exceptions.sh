# g++: exceptions, iostreams, std::thread.
set -e
cat > e.cc <<'EOF'
#include <iostream>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>
static int f(int n) { if (n == 0) throw std::runtime_error("deep"); return f(n - 1) + 1; }
int main() {
  int caught = 0;
  for (int i = 0; i < 100; i++) try { f(i % 20); } catch (std::exception &e) { caught++; }
  std::vector<std::thread> t; std::vector<int> v(4);
  for (int i = 0; i < 4; i++) t.emplace_back([&v, i] { v[i] = i * i; });
  for (auto &x : t) x.join();
  std::random_device rd;
  std::cout << caught << ' ' << v[3] << ' ' << rd() << std::endl; }
EOF
g++ -O1 -pthread e.cc -o e && ./e
