import { parseFleet } from '@flotilla/domain';
import { testDatabase } from '@flotilla/testing';
import { expect, it } from 'vitest';
import { readHubConfig } from '../config/index.js';
import { createDataSource, migrate } from '../database/index.js';
import { WindowsViewController } from './windows.view.controller.js';
import { WindowsViewRepository } from './windows.view.repository.js';

const WINDOWS = `kind: Window
metadata: {name: always}
spec: {allow: [{cron: "* * * * *", duration: 1h, timeZone: UTC}], apps: [web], selector: region=eu}
---
kind: Window
metadata: {name: freeze}
spec: {deny: [{cron: "* * * * *", duration: 1h, timeZone: UTC}]}
`;

it('lists the windows in force, whether each is open, and the apps they are about', async () => {
  await using database = await testDatabase();
  const config = readHubConfig({ DATABASE_URL: database.url, FLOTILLA_FLEET_URL: 'file:///x' });
  const dataSource = await createDataSource(config).initialize();
  try {
    await migrate(dataSource);
    const { definitions } = parseFleet([{ path: 'fleet/windows.yaml', content: WINDOWS }]);
    expect(Object.keys(definitions.windows)).toEqual(['always', 'freeze']);
    await dataSource.query(`INSERT INTO fleet_revision (commit, problems) VALUES ('c', 0)`);
    for (const window of Object.values(definitions.windows)) {
      await dataSource.query(
        `INSERT INTO definition (kind, name, body, digest, file, line, revision) VALUES ('Window', $1, $2, '', $3, $4, 1)`,
        [window.name, JSON.stringify(window), window.place.file, window.place.line],
      );
    }
    const controller = new WindowsViewController(new WindowsViewRepository(dataSource));
    const { items } = await controller.list({});
    expect(items).toMatchObject([
      { name: 'always', open: true, apps: ['web'], selector: 'region=eu', file: 'fleet/windows.yaml', line: 1 },
      { name: 'freeze', open: false, apps: [], selector: '', line: 5 },
    ]);
    for (const { changesAt } of items) expect(Date.parse(changesAt ?? '')).toBeGreaterThan(Date.now());
    const names = async (app: string): Promise<string[]> =>
      (await controller.list({ app })).items.map(({ name }) => name);
    expect([await names('web'), await names('api')]).toEqual([['always', 'freeze'], ['freeze']]);
  } finally {
    await dataSource.destroy();
  }
});
