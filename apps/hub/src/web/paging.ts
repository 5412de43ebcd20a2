import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Fault } from '@flotilla/domain';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** What every list takes. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit = 100;

  @ApiPropertyOptional({ description: '`next` of the page before.' }) @IsOptional() @IsString() after?: string;
}

/** The highest number that a release can have. */
export const MAX_NUMBER = 2 ** 31 - 1;

export interface PageOf<T> {
  items: T[];
  /** Give it as `after` to read on; null at the end. */
  next: string | null;
}

/** The class of a page of items, for the OpenAPI document. */
export function Page<T>(item: new () => T): new () => PageOf<T> {
  class PageDto implements PageOf<T> {
    @ApiProperty({ type: [item] }) items!: T[];
    @ApiProperty({ type: String, nullable: true, description: 'Give it as `after` to read on; null at the end.' })
    next!: string | null;
  }
  return PageDto;
}

/** Cuts a list that was read with one row too many, which tells that there is a next page. */
export function pageOf<T>(rows: readonly T[], limit: number, key: (row: T) => string): PageOf<T> {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, next: nextAfter(last && key(last)) };
}

/** The cursor of what comes after that key; null when there is none. */
export function nextAfter(key: string | undefined): string | null {
  return key === undefined ? null : Buffer.from(key).toString('base64url');
}

/** The key a cursor stands for. @throws Fault badInput */
export function cursorOf(after: string | undefined): string | undefined {
  if (after === undefined) return undefined;
  if (!/^[A-Za-z0-9_-]+$/.test(after)) throw new Fault('badInput', 'after: not a cursor of this API');
  const key = Buffer.from(after, 'base64url').toString();
  if (key.includes('\0')) throw new Fault('badInput', 'after: not a cursor of this API');
  return key;
}

/** The id that a cursor of a list of events or the like stands for. @throws Fault badInput */
export function idCursorOf(after: string | undefined): string | undefined {
  const id = cursorOf(after);
  if (id !== undefined && !/^\d{1,18}$/.test(id)) throw new Fault('badInput', 'after: not a cursor of this list');
  return id;
}

/** The app and cluster a cursor of a list of targets stands for. @throws Fault badInput */
export function pairCursorOf(after: string | undefined): readonly [app: string, cluster: string] | undefined {
  const cursor = cursorOf(after);
  const slash = cursor?.indexOf('/') ?? -1;
  return cursor === undefined || slash < 0 ? undefined : [cursor.slice(0, slash), cursor.slice(slash + 1)];
}
