import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsObject, IsOptional, IsString, Matches } from 'class-validator';
import { ActRequestDto } from '../web/index.js';
import type { ClusterAct } from './cluster-acts.service.js';
import type { RemovalMode } from './cluster.repository.js';
import type { RbacMode } from './join-manifest.js';
import { RBAC_MODES } from './join-manifest.js';

/** What every act on a cluster takes, in its body or its query. */
export class ClusterActDto extends ActRequestDto {}

/** How the agent is installed. */
export class InstallQuery extends ClusterActDto {
  @ApiPropertyOptional({ description: 'Image of the agent.' }) @IsOptional() @IsString() image?: string;
  @ApiPropertyOptional({
    enum: RBAC_MODES,
    description: 'What the agent may do: anything (clusterAdmin, the default), or what `flotilla agent rbac` prints.',
  })
  @IsOptional()
  @IsIn(RBAC_MODES)
  rbac?: RbacMode;
}

export class JoinRequestDto extends InstallQuery {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Labels of the cluster.',
  })
  @IsOptional()
  @IsObject()
  labels?: Record<string, string>;
}

export class JoinDto {
  @ApiProperty() cluster!: string;
  @ApiProperty({ description: 'False for a dry run: then there is no token and no manifest.' }) done!: boolean;
  @ApiProperty({ description: 'Works once. Told once, here.' }) token!: string;
  @ApiProperty() joinAddress!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) expiresAt!: Date | null;
  @ApiProperty({ description: 'YAML to be piped into kubectl.' }) manifest!: string;
}

const MODES = ['prune', 'orphan', 'gone'] as const;

export class RemovalQuery extends ClusterActDto {
  @ApiProperty({
    enum: MODES,
    description: 'prune deletes what apps own, orphan lets it live, gone does not wait for the agent.',
  })
  @IsIn(MODES)
  mode!: RemovalMode;
}

export class SuspensionDto extends ClusterActDto {
  @ApiPropertyOptional({ description: 'For how long, at most 24h; 1h without it.' })
  @IsOptional()
  @Matches(/^\d+[smhd]$/)
  for?: string;
}

export class LabelsDto extends ClusterActDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', nullable: true },
    description: 'Labels to set; null takes one away. Those of the Cluster document stay above them.',
  })
  @IsObject()
  labels!: Record<string, string | null>;
}

const CLUSTER_ACTS = [
  'suspend',
  'resume',
  'revoke',
  'label',
  'remove',
] as const satisfies readonly ClusterAct['kind'][];

export class ClusterActResultDto {
  @ApiProperty() cluster!: string;
  @ApiProperty({ enum: CLUSTER_ACTS }) act!: ClusterAct['kind'];
  @ApiProperty({ description: 'False for a dry run.' }) done!: boolean;
  @ApiProperty({ description: 'The request id was known: nothing was done again.' }) repeated!: boolean;
}
