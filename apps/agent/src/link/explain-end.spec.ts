import { expect, it } from 'vitest';
import { explainEnd } from './explain-end.js';

it.each([
  [
    'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:9. Resolution note: ',
    'connect ECONNREFUSED 127.0.0.1:9',
  ],
  ['the hub did not greet in time', 'the hub did not greet in time'],
  ['', ''],
])('says %j without what gRPC puts around it', (message, words) => expect(explainEnd(message)).toBe(words));

it('says what a certificate of another authority means', () => {
  const message =
    'No connection established. Last error: Error: self-signed certificate in certificate chain. Resolution note: ';
  expect(explainEnd(message)).toMatch(/another hub, or its database was lost \(self-signed certificate in/);
});
