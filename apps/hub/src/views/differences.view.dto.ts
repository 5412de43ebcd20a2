import { ApiProperty } from '@nestjs/swagger';
import type { Change } from '@flotilla/domain';
import { ReleaseSummaryDto } from './apps.view.controller.js';
import { ObjectRefDto } from './targets.view.controller.js';

const CHANGES = ['added', 'removed', 'changed'];

export class FieldChangeDto {
  @ApiProperty({ description: 'For people: `spec.template.spec.containers[web].image`; of drift a JSON pointer.' })
  field!: string;
  @ApiProperty({ enum: CHANGES }) change!: Change;
  @ApiProperty({ type: String, nullable: true, description: 'JSON; null when there is none, and in Secrets.' })
  before!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'JSON; null when there is none, and in Secrets.' })
  after!: string | null;
}

export class ObjectChangeDto {
  @ApiProperty({ type: ObjectRefDto }) ref!: ObjectRefDto;
  @ApiProperty({ enum: CHANGES }) change!: Change;
  @ApiProperty({ type: [FieldChangeDto], description: 'Empty for an object that is new or gone.' })
  fields!: FieldChangeDto[];
}

export class PartDifferenceDto {
  @ApiProperty({ type: [String], description: 'Clusters with this very difference.' }) clusters!: string[];
  @ApiProperty({ type: [ObjectChangeDto] }) objects!: ObjectChangeDto[];
  @ApiProperty({ type: [FieldChangeDto], description: 'How it is applied and judged.' }) policy!: FieldChangeDto[];
}

export class ReleaseDifferenceDto {
  @ApiProperty() app!: string;
  @ApiProperty() from!: number;
  @ApiProperty() to!: number;
  @ApiProperty({ type: [ReleaseSummaryDto], description: 'Both and those between them, ascending.' })
  releases!: ReleaseSummaryDto[];
  @ApiProperty({ type: [PartDifferenceDto], description: 'Empty when there is no difference.' })
  items!: PartDifferenceDto[];
}

export class LiveDifferenceDto extends PartDifferenceDto {
  @ApiProperty({
    enum: ['notApplied', 'drift'],
    description: 'From what was applied, or from what is live, to what is allowed.',
  })
  kind!: 'notApplied' | 'drift';
  @ApiProperty({
    format: 'date-time',
    description: 'When the one of these clusters that was confirmed longest ago was.',
  })
  observedAt!: Date;
}

export class AppDifferenceDto {
  @ApiProperty() app!: string;
  @ApiProperty({ type: [LiveDifferenceDto] }) items!: LiveDifferenceDto[];
  @ApiProperty({ type: [String], description: 'Clusters that have not said anything yet.' }) unobserved!: string[];
}
