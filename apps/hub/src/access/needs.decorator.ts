import type { CustomDecorator } from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import type { Role } from '@flotilla/domain';

export const ROLE_METADATA = 'flotilla:role';

/** The least role a route needs. Routes without it need `viewer`. */
export const Needs = (role: Role): CustomDecorator => SetMetadata(ROLE_METADATA, role);

/** A route that anybody may call. */
export const Public = (): CustomDecorator => SetMetadata(ROLE_METADATA, 'public');

export const SIGNED_METADATA = 'flotilla:signed';

/** A route that a Git server may call without a token when it knows the webhook's secret. */
export const SignedWebhook = (): CustomDecorator => SetMetadata(SIGNED_METADATA, true);
