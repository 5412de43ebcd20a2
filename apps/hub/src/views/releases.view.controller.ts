import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Fault } from '@flotilla/domain';
import { IsOptional, IsString } from 'class-validator';
import { Page, PageQuery, ReleaseNumberPipe, idCursorOf, pageOf, pairCursorOf } from '../web/index.js';
import { ReleasesViewRepository } from './releases.view.repository.js';

export class ReleaseDto {
  @ApiProperty() app!: string;
  @ApiProperty() number!: number;
  @ApiProperty({ description: 'Name of the source the content came from.' }) source!: string;
  @ApiProperty() commit!: string;
  @ApiProperty() author!: string;
  @ApiProperty() subject!: string;
  @ApiProperty({ format: 'date-time' }) committedAt!: Date;
  @ApiProperty({ format: 'date-time' }) createdAt!: Date;
  @ApiProperty({ description: 'Different object sets among its targets.' }) bundles!: number;
  @ApiProperty({ description: 'Clusters it has a part for.' }) clusters!: number;
}

export class ReleasePageDto extends Page(ReleaseDto) {}

export class VersionDto {
  @ApiProperty() app!: string;
  @ApiProperty() cluster!: string;
  @ApiProperty({ type: Number, nullable: true }) release!: number | null;
  @ApiProperty({ type: String, nullable: true }) commit!: string | null;
  @ApiProperty({ type: String, nullable: true }) subject!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) since!: Date | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) reportedAt!: Date | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) observedAt!: Date | null;
}

export class VersionPageDto extends Page(VersionDto) {}

export class ReleaseQuery extends PageQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() app?: string;
}

export class VersionQuery extends PageQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() app?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() cluster?: string;
}

@ApiTags('releases')
@ApiBearerAuth()
@Controller('api/v1')
export class ReleasesViewController {
  constructor(@Inject(ReleasesViewRepository) private readonly releases: ReleasesViewRepository) {}

  @Get('releases')
  @ApiOperation({ operationId: 'listReleases', summary: 'Releases, newest first' })
  @ApiResponse({ status: 200, type: ReleasePageDto })
  async list(@Query() query: ReleaseQuery): Promise<ReleasePageDto> {
    const filter = { app: query.app, number: undefined, before: idCursorOf(query.after), limit: query.limit + 1 };
    const page = pageOf(await this.releases.list(filter), query.limit, ({ id }) => id);
    return { items: page.items.map(({ id: _, ...release }) => release), next: page.next };
  }

  @Get('apps/:app/releases/:number')
  @ApiOperation({ operationId: 'getRelease', summary: 'One release of an app' })
  @ApiResponse({ status: 200, type: ReleaseDto })
  async get(@Param('app') app: string, @Param('number', ReleaseNumberPipe) number: number): Promise<ReleaseDto> {
    const [found] = await this.releases.list({ app, number, before: undefined, limit: 1 });
    if (!found) throw new Fault('notFound', `${app} has no release ${number}`, `flotilla get releases --app ${app}`);
    const { id: _, ...release } = found;
    return release;
  }

  @Get('versions')
  @ApiOperation({ operationId: 'listVersions', summary: 'Which version runs where since when' })
  @ApiResponse({ status: 200, type: VersionPageDto })
  async versions(@Query() query: VersionQuery): Promise<VersionPageDto> {
    const filter = {
      app: query.app,
      cluster: query.cluster,
      after: pairCursorOf(query.after),
      limit: query.limit + 1,
    };
    return pageOf(await this.releases.versions(filter), query.limit, ({ app, cluster }) => `${app}/${cluster}`);
  }
}
