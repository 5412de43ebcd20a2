import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ActKind, Block, Change, ObjectProblem, ObjectRef } from '@flotilla/domain';
import { IsBoolean, IsInt, IsOptional, IsString, Matches, MaxLength, Max, Min } from 'class-validator';
import { MAX_NUMBER, Page } from '../web/index.js';

const TIME = { type: String, format: 'date-time', nullable: true } as const;

export class RolloutReleaseDto {
  @ApiProperty() number!: number;
  @ApiProperty() source!: string;
  @ApiProperty() commit!: string;
  @ApiProperty() author!: string;
  @ApiProperty() subject!: string;
  @ApiProperty({ format: 'date-time' }) committedAt!: string;
}

export class RolloutHeadDto {
  @ApiProperty() app!: string;
  @ApiProperty({ type: RolloutReleaseDto }) release!: RolloutReleaseDto;
  @ApiProperty({ enum: ['running', 'paused', 'held', 'halted', 'rolledBack', 'done', 'superseded', 'aborted'] })
  state!: string;
  @ApiProperty({ format: 'date-time' }) startedAt!: string;
  @ApiProperty({ format: 'date-time', description: 'Since when it is in this state.' }) changedAt!: string;
  @ApiProperty(TIME) endedAt!: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Release whose rollout came next; null for the newest.' })
  replacedBy!: number | null;
  @ApiProperty({ type: String, nullable: true, description: 'First wave that is not done.' }) wave!: string | null;
  @ApiProperty() targets!: number;
  @ApiProperty() healthy!: number;
  @ApiProperty() failed!: number;
}

export class RolloutPageDto extends Page(RolloutHeadDto) {}

export class BlockDto {
  @ApiProperty({ type: String, description: 'approval, soak, health, failureBudget, window, earlierWave, …' })
  kind!: Block['kind'];
  @ApiProperty({ description: 'Whom or what it waits for.' }) who!: string;
  @ApiProperty({ format: 'date-time' }) since!: string;
  @ApiProperty({ description: 'What lets it go on.' }) unblocks!: string;
  @ApiPropertyOptional() wave?: string;
  @ApiPropertyOptional() cluster?: string;
}

export class WaveDto {
  @ApiProperty() name!: string;
  @ApiProperty({ description: 'empty, waiting, running, soaking, done or failed' }) phase!: string;
  @ApiProperty({ description: 'One target goes alone first, since no canary changed.' }) noCanary!: boolean;
  @ApiProperty() targets!: number;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' } }) counts!: Record<string, number>;
  @ApiProperty() maxConcurrent!: number;
  @ApiProperty() maxFailures!: number;
  @ApiProperty() soakMs!: number;
  @ApiProperty() soakedMs!: number;
  @ApiProperty(TIME) startedAt!: string | null;
  @ApiProperty(TIME) finishedAt!: string | null;
  @ApiProperty({ type: [String] }) clusters!: string[];
}

export class AllowedDto {
  @ApiProperty() release!: number;
  @ApiProperty() targets!: number;
}

export class RolloutDto extends RolloutHeadDto {
  @ApiProperty() strategy!: string;
  @ApiProperty(TIME) nextLookAt!: string | null;
  @ApiProperty({ type: [WaveDto] }) waves!: WaveDto[];
  @ApiProperty({ type: [BlockDto], description: 'Why it does not go on; empty when nothing holds it.' })
  blockedBy!: BlockDto[];
  @ApiProperty({ type: [AllowedDto], description: 'How many targets are allowed each release.' })
  allowed!: AllowedDto[];
}

export class EvidenceDto {
  @ApiProperty() cluster!: string;
  @ApiProperty({ description: 'Of the desired state that the report evaluated: generation.number.' }) version!: string;
  @ApiProperty({ description: 'First digits of the digest.' }) bundle!: string;
  @ApiProperty({ description: 'First digits of the digest.' }) policy!: string;
  @ApiProperty({ description: 'The connection that the report came on.' }) session!: string;
  @ApiProperty({ format: 'date-time' }) reportedAt!: string;
}

export class HistoryLineDto {
  @ApiProperty({ description: 'Number of the release that was rolled out.' }) release!: number;
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty() kind!: string;
  @ApiProperty({ type: String, nullable: true }) wave!: string | null;
  @ApiProperty({ type: String, nullable: true }) cluster!: string | null;
  @ApiProperty() message!: string;
  @ApiProperty({ type: [String] }) clusters!: string[];
  @ApiProperty({ type: [EvidenceDto], description: 'Of `healthy` and `failed`: the reports that showed it.' })
  evidence!: EvidenceDto[];
}

export class HistoryPageDto extends Page(HistoryLineDto) {}

export class CauseDto {
  @ApiProperty({ oneOf: [{ $ref: '#/components/schemas/ObjectRefDto' }] }) ref!: ObjectRef;
  @ApiProperty({ enum: ['added', 'removed', 'changed'] }) change!: Change;
  @ApiProperty({ description: 'Empty when the object as such is new or gone.' }) field!: string;
  @ApiProperty({ type: String, nullable: true, description: 'JSON; null when there is none, and in Secrets.' })
  before!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'JSON; null when there is none, and in Secrets.' })
  after!: string | null;
  @ApiProperty({ description: 'Number of the release that brought it.' }) release!: number;
  @ApiProperty({ type: String, nullable: true, description: 'File in the source; null when it cannot be known.' })
  file!: string | null;
  @ApiProperty({ type: Number, nullable: true }) line!: number | null;
}

export class FailedTargetDto {
  @ApiProperty() cluster!: string;
  @ApiProperty({ type: String, nullable: true }) wave!: string | null;
  @ApiProperty() reason!: string;
  @ApiProperty() message!: string;
  @ApiProperty({ format: 'date-time' }) failedAt!: string;
  @ApiProperty({ type: String, nullable: true }) health!: string | null;
  @ApiProperty() objects!: number;
  @ApiProperty() objectsReady!: number;
  @ApiProperty({ type: 'array', items: { $ref: '#/components/schemas/ObjectProblemDto' } })
  problems!: readonly ObjectProblem[];
  @ApiProperty({ ...TIME, description: 'When what its agent reports last changed.' }) reportedAt!: string | null;
  @ApiProperty({ ...TIME, description: 'Age of the observation: when that was last confirmed, by a heartbeat too.' })
  observedAt!: string | null;
  @ApiProperty({ type: String, nullable: true }) bundle!: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Release that was proven healthy there last.' })
  proven!: number | null;
  @ApiProperty({ type: [CauseDto], description: 'What changed since that release; at most five fields.' })
  causes!: CauseDto[];
}

export class UnhealthyTargetDto {
  @ApiProperty() cluster!: string;
  @ApiProperty({ type: String, nullable: true }) wave!: string | null;
  @ApiProperty({ type: Number, nullable: true }) allowed!: number | null;
  @ApiProperty({ type: Number, nullable: true }) applied!: number | null;
  @ApiProperty({ type: String, nullable: true }) health!: string | null;
  @ApiProperty({
    allOf: [{ $ref: '#/components/schemas/ObjectProblemDto' }],
    nullable: true,
    description: 'The worst that the agent reports.',
  })
  problem!: ObjectProblem | null;
  @ApiProperty({ ...TIME, description: 'When what its agent reports last changed.' }) reportedAt!: string | null;
  @ApiProperty({ ...TIME, description: 'Age of the observation: when that was last confirmed, by a heartbeat too.' })
  observedAt!: string | null;
}

const OBSTACLES =
  "What the deletion would take along beside the app's own objects, as the agent sees it while a person is asked.";

export class RemovalDto {
  @ApiProperty() app!: string;
  @ApiProperty() cluster!: string;
  @ApiProperty() life!: string;
  @ApiProperty() because!: string;
  @ApiProperty({ format: 'date-time' }) since!: string;
  @ApiProperty() objects!: number;
  @ApiProperty({ type: [String], description: OBSTACLES }) obstacles!: readonly string[];
}

export class RemovalPageDto extends Page(RemovalDto) {}

export class ApprovalDto {
  @ApiProperty({
    enum: ['wave', 'deletion', 'removal'],
    description: 'What is to be allowed: the entry of a wave, a deletion beyond the budget, the removal of an app.',
  })
  kind!: 'wave' | 'deletion' | 'removal';
  @ApiProperty() app!: string;
  @ApiProperty({ type: Number, nullable: true }) release!: number | null;
  @ApiProperty({ type: String, nullable: true }) wave!: string | null;
  @ApiProperty({ type: String, nullable: true }) cluster!: string | null;
  @ApiProperty({ description: 'Why a person is asked.' }) because!: string;
  @ApiProperty({ format: 'date-time' }) since!: string;
  @ApiProperty({ type: 'array', items: { $ref: '#/components/schemas/ObjectRefDto' } }) objects!: readonly ObjectRef[];
  @ApiProperty({ type: [String], description: OBSTACLES }) obstacles!: readonly string[];
  @ApiProperty({ type: String, nullable: true, description: 'Of a deletion: hash of the set, for approveDeletion.' })
  deletionSet!: string | null;
}

export class ApprovalPageDto extends Page(ApprovalDto) {}

export class PlannedDeletionsDto {
  @ApiProperty({ description: 'Targets on which something is deleted.' }) targets!: number;
  @ApiProperty({ description: 'Objects over all of them, as the bundles say; each agent asks beyond its budget.' })
  objects!: number;
}

export class PlanDto {
  @ApiProperty({ description: 'State of the rollout by this plan.' }) state!: string;
  @ApiProperty(TIME) nextLookAt!: string | null;
  @ApiProperty({ type: [String], description: 'Clusters that get the release now.' }) assign!: string[];
  @ApiProperty({ type: [String], description: 'Clusters that return to what was proven there.' }) return!: string[];
  @ApiProperty({ type: [WaveDto] }) waves!: WaveDto[];
  @ApiProperty({ type: [BlockDto] }) blockedBy!: BlockDto[];
  @ApiProperty({ type: PlannedDeletionsDto, description: 'What targets that are still to move would delete.' })
  deletions!: PlannedDeletionsDto;
}

export class WhyAppDto {
  @ApiProperty({ type: RolloutDto, nullable: true }) rollout!: RolloutDto | null;
  @ApiProperty({ type: [FailedTargetDto] }) failed!: FailedTargetDto[];
  @ApiProperty({ type: [UnhealthyTargetDto] }) unhealthy!: UnhealthyTargetDto[];
  @ApiProperty({ type: [RemovalDto] }) removals!: RemovalDto[];
  @ApiProperty({ type: String, nullable: true, description: 'Why the last good definition stays in force.' })
  frozenBecause!: string | null;
  @ApiProperty({ type: [String], description: 'Commands that help, most likely first.' }) next!: string[];
}

/** What every act takes. */
export class ActDto {
  @ApiPropertyOptional({ description: 'Wave it is about; the one that waits when left out.' })
  @IsOptional()
  @IsString()
  wave?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() cluster?: string;
  @ApiPropertyOptional({ description: 'Of rollback: the release to return to.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_NUMBER)
  release?: number;
  @ApiPropertyOptional({ description: 'Of approveDeletion: hash of the set.' })
  @IsOptional()
  @IsString()
  deletionSet?: string;
  @ApiPropertyOptional({ description: 'Of suspendApp: 1h without it, at most 24h.' })
  @IsOptional()
  @Matches(/^\d+[smhd]$/)
  for?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(500) reason?: string;
  @ApiPropertyOptional({ description: 'The same id again does nothing and answers the same.' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  requestId?: string;
  @ApiPropertyOptional({ description: 'Only say whether it applies.' }) @IsOptional() @IsBoolean() dryRun?: boolean;
}

export class ActResultDto {
  @ApiProperty() app!: string;
  @ApiProperty({ type: String }) kind!: ActKind;
  @ApiProperty({ type: Number, nullable: true }) release!: number | null;
  @ApiProperty({ type: String, nullable: true }) wave!: string | null;
  @ApiProperty({ type: String, nullable: true }) cluster!: string | null;
  @ApiProperty({ description: 'False for a dry run.' }) done!: boolean;
  @ApiProperty({ description: 'The request id was known: nothing was done again.' }) repeated!: boolean;
}

/** Acts and the least role each needs. */
export const ACTS: Readonly<Record<ActKind, 'operator' | 'admin'>> = {
  approve: 'operator',
  pause: 'operator',
  resume: 'operator',
  promote: 'operator',
  retry: 'operator',
  skip: 'operator',
  abort: 'operator',
  rollback: 'operator',
  hold: 'operator',
  clear: 'operator',
  overrideWindow: 'admin',
  approveDeletion: 'admin',
  approveRemoval: 'admin',
  orphanRemoval: 'admin',
  cancelRemoval: 'operator',
  suspendApp: 'operator',
  resumeApp: 'operator',
};
