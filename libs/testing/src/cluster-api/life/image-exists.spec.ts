import { describe, expect, it } from 'vitest';
import { imageExists } from './image-exists.js';

describe('imageExists', () => {
  it.each([
    'nginx',
    'nginx:latest',
    'nginx:1.27',
    'nginx:v2.0.1-rc.1',
    'r.io:5000/a/b:3-alpine',
    'a:stable-alpine',
    'envoy:distroless-v1.38.9',
    'a@sha256:0a',
    'a:sha-1f2e3d',
    'a:2026-11-25',
  ])('finds %s', (image) => expect(imageExists(image)).toBe(true));

  it.each(['nginx:missing', 'a:1.2-broken', 'a:does-not-exist', 'r.io:5000/web:1.5.O', 'a:1..2', 'a:'])(
    'does not find %s',
    (image) => expect(imageExists(image)).toBe(false),
  );
});
