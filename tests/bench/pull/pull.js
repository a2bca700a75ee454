// What a careful script with HubSpot's own client does for a full pull: pages of 100 with their associations, each in
// one durable transaction. usage: pull.js BASE_URL DATABASE; prints one JSON line.
'use strict';
const { Client } = require('@hubspot/api-client');
const Database = require('better-sqlite3');

const [base, file] = process.argv.slice(2);
const properties = ['email', 'firstname', 'lastname', 'phone', 'lifecyclestage'];

function open(path) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE contacts (hubspot_id TEXT PRIMARY KEY, email TEXT, firstname TEXT, lastname TEXT, phone TEXT, ' +
    'lifecyclestage TEXT, company TEXT, updated_at TEXT); CREATE INDEX contacts_email ON contacts (email)');
  const columns = ['email', 'firstname', 'lastname', 'phone', 'lifecyclestage', 'company', 'updated_at'];
  const insert = db.prepare(`INSERT INTO contacts (hubspot_id, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (hubspot_id) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`)}`);
  return db.transaction((records) => {
    for (const record of records) {
      insert.run(record.id, ...properties.map((name) => record.properties[name] ?? null),
        record.associations?.companies?.results?.[0]?.id ?? null, new Date(record.updatedAt).toISOString());
    }
  });
}

async function main() {
  const store = open(file);
  const client = new Client({ accessToken: 'T', basePath: base });
  const begin = process.hrtime.bigint();
  let records = 0;
  let after;
  do {
    const page = await client.crm.contacts.basicApi.getPage(100, after, properties, undefined, ['companies']);
    store(page.results);
    records += page.results.length;
    after = page.paging?.next?.after;
  } while (after);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  console.log(JSON.stringify({ records, seconds, rssKiB: process.resourceUsage().maxRSS }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
