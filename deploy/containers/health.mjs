// Asks an address once: 0 where it answers 2xx, 1 otherwise. For health checks; an image without npm and curl has nothing else to ask with.
const [, , url = "http://127.0.0.1:8000/health/ready"] = process.argv;
try {
  const reply = await fetch(url, { signal: AbortSignal.timeout(4000) });
  if (!reply.ok) process.stderr.write(`${url}: ${reply.status}\n`);
  process.exitCode = reply.ok ? 0 : 1;
} catch (failure) {
  process.stderr.write(`${url}: ${failure.cause?.code ?? failure.message}\n`);
  process.exitCode = 1;
}
