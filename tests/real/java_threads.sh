# A multi-threaded Java program, compiled and run.
# limit: 300
set -e
cat > T.java <<'EOF'
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
public class T {
  public static void main(String[] a) throws Exception {
    ExecutorService ex = Executors.newFixedThreadPool(4);
    AtomicLong sum = new AtomicLong();
    for (int i = 0; i < 40; i++) { final int n = i; ex.submit(() -> { long s = 0; for (int k = 0; k < 20000; k++) s += k ^ n; sum.addAndGet(s); }); }
    ex.shutdown(); ex.awaitTermination(60, TimeUnit.SECONDS);
    System.out.println(sum.get());
    ConcurrentHashMap<String,Integer> m = new ConcurrentHashMap<>();
    Thread[] t = new Thread[3];
    for (int i = 0; i < 3; i++) { final int n = i; t[i] = new Thread(() -> { for (int k = 0; k < 500; k++) m.merge("k" + k % 10, n, Integer::sum); }); t[i].start(); }
    for (Thread x : t) x.join();
    System.out.println(new java.util.TreeMap<>(m)); System.gc();
    try { Object o = null; o.hashCode(); } catch (NullPointerException e) { System.out.println("npe"); }
    System.out.println(System.nanoTime());
  }
}
EOF
javac T.java && java -Xmx256m -cp . T
