// The other end of the queue: takes each job and does nothing with it, where hubsync reads the record from HubSpot.
// usage: worker.js REDIS_PORT
'use strict';
const Queue = require('bull');

new Queue('events', { redis: { host: '127.0.0.1', port: Number(process.argv[2]) } }).process(50, async () => {});
