import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, IsString } from 'class-validator';
import type { ExplainedTarget, ExplainedTargetField } from '../fleets/index.js';
import { ExplanationService } from '../fleets/index.js';
import { ObjectRefDto } from './targets.view.controller.js';

export class ExplanationQuery {
  @ApiProperty() @IsString() @IsNotEmpty() cluster!: string;

  @ApiPropertyOptional({
    description: '`spec.replicas`, `containers[web].image`, `metadata.annotations["a.b/c"]`: who set it.',
  })
  @IsOptional()
  @IsString()
  field?: string;
}

const OVERRIDE = { type: String, nullable: true, description: 'Name of the override; null: the app itself.' } as const;

export class ExplainedSettingDto {
  @ApiProperty({ enum: ['path', 'namespace', 'serviceAccount'] }) field!: string;
  @ApiProperty() value!: string;
  @ApiProperty(OVERRIDE) override!: string | null;
}

export class ExplainedOverrideDto {
  @ApiProperty() name!: string;
  @ApiProperty({ description: 'Which clusters it is for.' }) choice!: string;
  @ApiProperty() applies!: boolean;
}

export class ExplainedStepDto {
  @ApiProperty({ enum: ['content', 'patch', 'substitute'] }) by!: string;
  @ApiProperty(OVERRIDE) override!: string | null;
  @ApiProperty({ description: 'Of `content` where it is written, else where the app is defined.' }) file!: string;
  @ApiProperty() line!: number;
  @ApiProperty({ description: 'Field of the definition; empty for `content`.' }) field!: string;
  @ApiProperty({ type: String, nullable: true, description: 'As JSON; null when gone, and always of Secrets.' })
  value!: string | null;
}

export class ExplainedFieldDto {
  @ApiProperty({ type: ObjectRefDto }) ref!: ObjectRefDto;
  @ApiProperty({ type: [ExplainedStepDto], description: 'In their order: the last one set the value.' })
  steps!: ExplainedStepDto[];
}

export class ExplanationDto {
  @ApiProperty() app!: string;
  @ApiProperty() cluster!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Why the cluster is selected; null: it is not.' })
  matchedBy!: string | null;
  @ApiProperty() source!: string;
  @ApiProperty({ description: 'At which the content is read.' }) commit!: string;
  @ApiProperty({ description: 'Where the app is defined.' }) file!: string;
  @ApiProperty() line!: number;
  @ApiProperty({ type: [ExplainedSettingDto] }) settings!: ExplainedSettingDto[];
  @ApiProperty({ type: [ExplainedOverrideDto], description: 'In their order.' }) overrides!: ExplainedOverrideDto[];
  @ApiProperty({ type: [ExplainedFieldDto], description: 'Objects that have the field.' }) fields!: ExplainedFieldDto[];
}

@ApiTags('differences')
@ApiBearerAuth()
@Controller('api/v1/apps/:app/explanation')
export class ExplanationViewController {
  constructor(@Inject(ExplanationService) private readonly explanations: ExplanationService) {}

  @Get()
  @ApiOperation({ operationId: 'explainTarget', summary: 'Which file or override set what a cluster gets of an app' })
  @ApiResponse({ status: 200, type: ExplanationDto })
  async explain(@Param('app') app: string, @Query() { cluster, field }: ExplanationQuery): Promise<ExplanationDto> {
    return printExplanation(await this.explanations.explain(app, { cluster, field }));
  }
}

function printExplanation({ app, settings, fields, ...rest }: ExplainedTarget): ExplanationDto {
  const { name, place } = app;
  return {
    app: name,
    cluster: rest.cluster,
    matchedBy: rest.matchedBy ?? null,
    source: rest.source,
    commit: rest.commit,
    file: place.file,
    line: place.line,
    settings: settings.map(({ override, ...setting }) => ({ ...setting, override: override ?? null })),
    overrides: [...rest.overrides],
    fields: fields.map((field) => printField(field, place)),
  };
}

function printField(
  { ref, steps, written }: ExplainedTargetField,
  place: { file: string; line: number },
): ExplainedFieldDto {
  return {
    ref,
    steps: steps.map(({ by, override, field, value }) => {
      const { file, line } = by === 'content' ? written : place;
      const text = value === undefined ? null : JSON.stringify(value);
      return { by, override: override ?? null, file, line, field, value: text };
    }),
  };
}
