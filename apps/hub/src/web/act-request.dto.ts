import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, Length } from 'class-validator';

/** What every act takes, in its body or its query. */
export class ActRequestDto {
  @ApiPropertyOptional({ description: 'Why, for the audit log.' }) @IsOptional() @IsString() reason?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'Only say whether it applies.' })
  @IsOptional()
  @Transform(({ value }) => value === 'true' || value === true)
  @IsBoolean()
  dryRun?: boolean;

  @ApiPropertyOptional({ description: 'The same id again does nothing and answers the same.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  requestId?: string;
}
