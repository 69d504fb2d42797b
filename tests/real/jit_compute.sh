# Threads that compute in code that JIT compilers made: node and Java, two of them busy at once, and one that ticks.
# limit: 300
set -e
cat > Two.java <<'EOF'
public class Two {
  static volatile long ticks;
  static int work(int n) { int x = 1; for (int i = 0; i < n; i++) x = x * 1103515245 + 12345 + (i ^ (x >>> 7)); return x; }
  public static void main(String[] a) throws Exception {
    int[] r = new int[1];
    Thread t = new Thread(() -> { r[0] = work(200000000); });
    Thread k = new Thread(() -> { try { for (;;) { Thread.sleep(20); ticks++; } } catch (InterruptedException e) { } });
    t.start(); k.start(); int m = work(200000000); t.join(); k.interrupt(); k.join();
    System.out.println(m + " " + r[0] + " " + ticks);
  }
}
EOF
cat > two.js <<'EOF'
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads');
function work(n) { let x = 1; for (let i = 0; i < n; i++) x = (Math.imul(x, 1103515245) + 12345 + i) | 0; return x; }
if (isMainThread) {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  new Worker(__filename, { workerData: shared }).on('message', m => console.log('worker', m, Atomics.load(shared, 0)));
  setImmediate(() => { console.log('main', work(200000000), shared[0]); });
} else { for (let i = 0; i < 100; i++) { workerData[0]++; work(1000000); } parentPort.postMessage(work(100000000)); }
EOF
javac Two.java
java -Xmx128m -cp . Two
node two.js
