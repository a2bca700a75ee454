// How long an edit in the simulator takes until the daemon's record shows it: edits one contact after the other at a
// steady rate, and reads all contacts of the control API every 20 ms. usage: latency.js SIM_URL SOCKET RATE SECONDS
'use strict';
const http = require('http');

const [simUrl, socketPath, rate, seconds] = [process.argv[2], process.argv[3], ...process.argv.slice(4).map(Number)];
const agents = { sim: new http.Agent({ keepAlive: true, maxSockets: 16 }), here: new http.Agent({ keepAlive: true }) };

function call(options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => {
        response.statusCode < 300 ? resolve(text) : reject(new Error(`${response.statusCode} ${text}`));
      });
    });
    request.on('error', reject).end(body);
  });
}

const sim = (method, path, body) => {
  const { hostname, port } = new URL(simUrl);
  return call({ agent: agents.sim, hostname, port, method, path: `/_sim/${path}` }, body && JSON.stringify(body));
};
const here = async () =>
  JSON.parse(await call({ agent: agents.here, socketPath, path: '/api/contacts?limit=500', headers: { Host: 'localhost' } }));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function main() {
  const ids = (await sim('GET', 'dump/contacts')).trim().split('\n').map((line) => JSON.parse(line).id);
  const waiting = new Map();
  const took = [];
  let replaced = 0;
  const look = async () => {
    for (const record of (await here()).items) {
      const edit = waiting.get(record.hubspotId);
      if (edit && edit.value === record.firstName) {
        took.push(performance.now() - edit.at);
        waiting.delete(record.hubspotId);
      }
    }
  };
  const begun = performance.now();
  let edits = 0;
  const edit = async () => {
    const id = ids[edits % ids.length];
    const value = `Edit ${++edits}`;
    replaced += waiting.has(id) ? 1 : 0;
    waiting.set(id, { value, at: performance.now() });
    await sim('PATCH', `objects/contacts/${id}`, { properties: { firstname: value } });
  };
  const total = rate * seconds;
  const editing = (async () => {
    const under_way = [];
    while (edits < total) {
      while (edits < total && performance.now() - begun >= (edits * 1000) / rate) under_way.push(edit());
      await pause(2);
    }
    await Promise.all(under_way);
  })();
  while (edits < total || (waiting.size > 0 && performance.now() - begun < (seconds + 30) * 1000)) {
    await look();
    await pause(20);
  }
  await editing;
  took.sort((a, b) => a - b);
  const at = (percent) => Math.round(took[Math.floor(((took.length - 1) * percent) / 100)]);
  console.log(`${edits} edits: ${at(50)} ms in the middle, ${at(99)} ms p99 (goal: at most 1000), ${at(100)} ms at most; ` +
    `${waiting.size} never came, ${replaced} were edited again before they came`);
  process.exitCode = waiting.size === 0 ? 0 : 1;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
}).finally(() => Object.values(agents).forEach((agent) => agent.destroy()));
