import type { PipeTransform } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { MAX_NUMBER } from './paging.js';

/** Number of a release in a path. @throws Fault badInput */
@Injectable()
export class ReleaseNumberPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= 1 && number <= MAX_NUMBER) return number;
    throw new Fault('badInput', `"${value}" is no number of a release: a whole number from 1 is needed`);
  }
}
