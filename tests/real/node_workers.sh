# node with worker_threads, timers, child processes.
# limit: 240
exec node - <<'EOF'
const { Worker } = require('worker_threads'), { execSync } = require('child_process'), fs = require('fs');
const src = `const { parentPort, workerData } = require('worker_threads'); let s = 0; for (let i = 0; i < 300000; i++) s += i % workerData; parentPort.postMessage([workerData, s]);`;
let left = 3;
for (const n of [3, 5, 7]) new Worker(src, { eval: true, workerData: n }).on('message', m => { console.log(m[0], m[1]); if (!--left) done(); });
function done() {
  console.log(execSync('echo from child').toString().trim());
  fs.writeFileSync('f', 'x'.repeat(1000)); fs.readFile('f', (e, d) => { console.log(d.length, Date.now(), Math.random());
    setTimeout(() => console.log('timer'), 20); });
}
EOF
