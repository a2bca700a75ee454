// What one would build for webhooks with Node.js: Express takes the request, HubSpot's own client checks its signature,
// Bull puts one job an event into Redis, and only then comes the 200. usage: receiver.js REDIS_PORT PATH SECRET; prints
// its port.
'use strict';
const { Signature } = require('@hubspot/api-client');
const Queue = require('bull');
const express = require('express');

const [redisPort, path, secret] = process.argv.slice(2);
const queue = new Queue('events', { redis: { host: '127.0.0.1', port: Number(redisPort) } });
const app = express();

app.post(path, express.text({ type: '*/*', limit: '1mb' }), async (request, response) => {
  const genuine = Signature.isValid({
    signatureVersion: 'v3',
    signature: request.header('X-HubSpot-Signature-v3') ?? '',
    timestamp: Number(request.header('X-HubSpot-Request-Timestamp')),
    method: request.method,
    clientSecret: secret,
    requestBody: request.body,
    url: `http://${request.header('Host')}${request.originalUrl}`,
  });
  if (!genuine) {
    response.status(401).end();
    return;
  }
  const events = JSON.parse(request.body);
  if (events.length === 1) {
    await queue.add(events[0], { removeOnComplete: true });
  } else {
    await queue.addBulk(events.map((data) => ({ data, opts: { removeOnComplete: true } })));
  }
  response.status(200).end();
});

queue.isReady().then(() => {
  const server = app.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
});
