import { Global, Module } from '@nestjs/common';
import { HubConfig } from '../config/index.js';
import { Sealer, loadHubKey } from './sealer.service.js';

@Global()
@Module({
  providers: [
    {
      provide: Sealer,
      inject: [HubConfig],
      useFactory: async (config: HubConfig): Promise<Sealer> =>
        new Sealer(await loadHubKey(config.settings.hubKeyFile)),
    },
  ],
  exports: [Sealer],
})
export class SealingModule {}
